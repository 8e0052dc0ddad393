from datetime import date

from django.utils.translation import override

from troth.kit import regions


def test_countries_are_countries_in_the_order_of_their_readers():
    with override("en"):
        english = dict(regions.country_choices())
    with override("zh-hans"):
        chinese = [name for _code, name in regions.country_choices()]
    assert english["DE"] == "Germany"
    assert not {"EU", "UN", "XA", "XB", "ZZ"} & set(english)
    assert list(english)[:3] == ["AF", "AX", "AL"]
    assert [name for name in chinese if name in ("中国", "德国", "英国", "澳大利亚")] == [
        "澳大利亚",
        "德国",
        "英国",
        "中国",
    ]


def test_currencies_are_those_that_people_pay_with():
    with override("en"):
        offered = dict(regions.currency_choices(date(2026, 3, 2)))
    assert (offered["EUR"], offered["CNY"]) == ("EUR · Euro", "CNY · Chinese Yuan")
    assert not {"DEM", "XTS", "XAU", "CHE"} & set(offered)


def test_names_of_countries():
    with override("zh-hans"):
        assert (regions.country_name("DE"), regions.country_name("Q?")) == ("德国", "Q?")


def test_languages_begin_with_those_that_troth_speaks():
    with override("en"):
        english = regions.language_choices()
    with override("zh-hans"):
        chinese = dict(regions.language_choices())
    assert english[:3] == [("zh-hans", "Simplified Chinese"), ("en", "English"), ("ab", "Abkhazian")]
    assert len(dict(english)) == len(english)
    assert [chinese[tag] for tag in ("zh-hans", "zh-hant", "en", "ja")] == ["简体中文", "繁体中文", "英语", "日语"]
