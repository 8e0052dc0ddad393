from datetime import date

import pytest

from troth.customers.matching import FieldReason, PersonRecord, find_likely_pairs, model
from troth.customers.matching.addresses import address_forms
from troth.customers.matching.names import compare_names, name_forms
from troth.customers.matching.records import comparison_table

from .generated_people import make_people


@pytest.fixture
def quarter_of_the_sample(monkeypatch):
    """Learn from a quarter of the random pairs: most of the time goes there, and what is found must not hang on it."""
    monkeypatch.setattr(model, "SAMPLED_PAIRS", model.SAMPLED_PAIRS / 4)


@pytest.mark.slow
def test_finds_known_duplicates_among_ten_thousand_people(record_property):
    check_found(1, record_property)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [7, 2026])
def test_finds_them_with_a_quarter_of_the_sample(seed, record_property, quarter_of_the_sample):
    check_found(seed, record_property)


def check_found(seed, record_property):
    records, duplicates = make_people(seed, people=10_000, duplicates=1_000)

    result = find_likely_pairs(records)

    found = {(pair.left_id, pair.right_id) for pair in result.pairs}
    right = len(found & duplicates)
    precision, recall = right / len(found), right / len(duplicates)
    record_property("precision", precision)
    record_property("recall", recall)
    assert result.is_trained
    assert len(records) == 11_000
    assert len(duplicates) == 1_000
    assert precision >= 0.95, f"precision {precision:.3f}, recall {recall:.3f}"
    assert recall >= 0.8, f"precision {precision:.3f}, recall {recall:.3f}"


@pytest.mark.slow
def test_families_and_namesakes_alone_give_few_suspicions(quarter_of_the_sample):
    records, _ = make_people(seed=3, people=10_000, duplicates=0)

    result = find_likely_pairs(records)

    assert len(result.pairs) <= 50  # of 50 million pairs, among them thousands of relatives


@pytest.mark.slow
def test_the_same_seed_makes_the_same_people():
    assert make_people(5, people=60, duplicates=6) == make_people(5, people=60, duplicates=6)
    assert make_people(5, people=60, duplicates=6) != make_people(6, people=60, duplicates=6)


@pytest.mark.slow
def test_a_small_company_is_judged_by_the_starting_figures():
    same = {"birth_date": date(1988, 4, 12), "phones": ("+8613812345678",)}
    records = [
        PersonRecord("a", full_name="王小明", **same),
        PersonRecord("b", full_name="Xiaoming Wang", **same),
        PersonRecord("c", full_name="王小红", phones=("+8613812345678",), birth_date=date(1990, 1, 30)),
        PersonRecord("d", full_name="李静", phones=("+8613999999999",)),
    ]

    result = find_likely_pairs(records)

    assert not result.is_trained
    [pair] = result.pairs
    assert (pair.left_id, pair.right_id) == ("a", "b")
    assert pair.probability > 0.99
    codes = {reason.field: reason.code for reason in pair.reasons}
    assert codes == {"name": "other_form", "birthday": "same", "home": "phone_same", "email": "unknown"}
    assert FieldReason("email", "unknown", 0.0) in pair.reasons


@pytest.mark.slow
def test_one_record_or_none_has_no_pairs():
    assert find_likely_pairs([]).pairs == ()
    assert find_likely_pairs([PersonRecord("a", full_name="王小明")]).pairs == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("王小明", "Xiaoming Wang"),
        ("王小明", "Wang Xiao Ming"),
        ("王小明", "ＷＡＮＧ Xiaoming"),
        ("王小明先生", "王 小明"),
        ("曾敏", "Zeng Min"),
        ("欧阳娜娜", "Ouyang Nana"),
        ("Robert Smith", "Smith, Bob"),
        ("José García", "Garcia Jose"),
        ("Dr. Anne O'Neil", "anne oneil"),
    ],
)
def test_names_of_one_person_have_the_same_letters(one, other):
    assert name_forms(one).letters == name_forms(other).letters


@pytest.mark.parametrize(
    ("one", "other", "outcome"),
    [
        ("王小明", "王 小明", "same"),
        ("王小明", "Xiaoming Wang", "other_form"),
        ("王小明", "王晓明", "sounds_same"),
        ("John Smith", "John A. Smith", "part_missing"),
        ("Anna Berg", "Anna Lind", "given_same"),
        ("王小明", "王红", "family_same"),
        ("王小明", "李静", "different"),
        ("王小明", "", "unknown"),
    ],
)
def test_two_names_are_compared(one, other, outcome):
    assert compare_names(name_forms(one), name_forms(other)) == outcome
    assert compare_names(name_forms(other), name_forms(one)) == outcome


def test_a_chinese_name_splits_into_family_and_given():
    forms = name_forms("欧阳娜娜")
    assert (forms.family, forms.given, forms.latin, forms.is_han) == ("欧阳", "娜娜", "ouyang nana", True)
    assert name_forms("", family_name="王", given_name="小明").full == "王小明"
    assert name_forms("", family_name="Smith", given_name="Jane").latin == "smith jane"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("上海市浦东新区张杨路500号3号楼201室", "上海浦东新区张杨路500弄3幢201"),
        ("12 North Main Street, Apt. 4", "12 N Main St, Apartment 4"),
        ("建国路８８号三号楼", "建国路88号3号楼"),
    ],
)
def test_addresses_of_one_place_have_the_same_numbers_and_words(one, other):
    assert address_forms(one) == address_forms(other)


def test_what_is_unknown_or_a_placeholder_is_null():
    [row] = comparison_table(
        [PersonRecord("a", full_name="", phones=("123",), emails=("none",), birth_date=date(1900, 1, 1))]
    ).to_pylist()
    assert {column: value for column, value in row.items() if value} == {"unique_id": "a"}
