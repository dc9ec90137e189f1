import pytest

from eval.datasets import figures


def test_numbers_that_an_answer_states_are_found_as_the_evidence_writes_them():
    evidence = ["Net revenue 8,738 7,512\nTax rate 24.20% 18.4%", "debt of $1,577.00 million; 0.50 a share"]
    assert figures.find(["It rose to $8738 at a rate of 24.2 %."], evidence) == ("8,738", "24.20")
    assert figures.find(["1577", "(8,738 - 7512) / 7512", "0.5"], evidence) == ("8,738", "7,512", "1,577.00", "0.50")


def test_a_number_is_no_part_of_another_number_or_of_a_name():
    evidence = ["The 10K and Form 8-K for FY22 list 1,234.5 and 12.5.3 units, a ratio of 2.5x and 45 items at .60."]
    assert figures.find(["1,234.5"], evidence) == ("1,234.5",)
    assert figures.find(["234.5", "34", "22", "10", "12.5", "5.3", "60"], evidence) == ()
    assert figures.find(["2.5 times as many as the 45"], evidence) == ("2.5", "45")


def test_years_and_single_digits_count_only_where_they_are_the_whole_answer():
    evidence = ["In 2017 there were 7 plants."]
    assert figures.find(["7 plants in 2017"], evidence) == ()
    assert figures.find(["2017", " 7. "], evidence) == ("2017", "7")


@pytest.mark.parametrize(("stated", "evidence"), [([], ["12"]), (["12"], []), (["none"], ["12"]), (["13"], ["12"])])
def test_without_a_common_number_there_are_none(stated, evidence):
    assert figures.find(stated, evidence) == ()
