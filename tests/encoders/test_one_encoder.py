import time

import pytest
from concurrent_calls import call_at_once

from hiercomp import encoders, registry
from hiercomp.building import BuildCache
from hiercomp.encoders import distilled, e5
from hiercomp.errors import ConfigError


@pytest.fixture(autouse=True)
def _nothing_is_built(monkeypatch):
    monkeypatch.setattr(encoders, "_encoders", BuildCache())


def count_builds(monkeypatch, module):
    """Make the build function of a component slow, and return the list that grows with each call of it."""
    builds, build = [], module.build

    def slow_build(argument=None):
        builds.append(argument)
        time.sleep(0.05)
        return build(argument)

    monkeypatch.setattr(module, "build", slow_build)
    return builds


def test_eight_threads_that_build_an_encoder_get_one_object(monkeypatch):
    builds = count_builds(monkeypatch, distilled)
    first, *others = call_at_once(lambda: encoders.build("distilled"))
    assert all(other is first for other in others)
    assert builds == [None]


def test_an_encoder_is_built_for_each_name_and_for_each_folder_that_it_uses(tmp_path):
    assert encoders.build("hashing/32") is encoders.build("hashing/32")
    assert encoders.build("hashing/32") is not encoders.build("hashing/64")
    assert encoders.build("hashing/32", cache_dir=tmp_path) is encoders.build("hashing/32")
    assert encoders.build("e5", cache_dir=tmp_path) is encoders.build("e5", cache_dir=tmp_path)
    assert encoders.build("e5", cache_dir=tmp_path) is not encoders.build("e5")
    assert isinstance(encoders.build("e5"), e5.MultilingualE5)


def test_an_encoder_that_could_not_be_built_is_tried_again():
    for _ in range(2):
        with pytest.raises(ConfigError, match="takes a dimension"):
            encoders.build("hashing/wide")


def test_the_registry_builds_a_new_object_each_time():
    assert registry.build("encoders", "hashing") is not registry.build("encoders", "hashing")
