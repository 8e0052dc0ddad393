import pytest
from django.utils import translation

from troth.kit.languages import in_language


@pytest.mark.parametrize(("language", "english", "chinese", "shown"), [
    ("en", "Gold", "金卡", "Gold"), ("zh-hans", "Gold", "金卡", "金卡"), ("zh-hans", "Gold", "", "Gold"),
    ("en", "", "金卡", "金卡"), (None, "Gold", "金卡", "Gold"), ("zh-hans", "", "", ""),
])  # fmt: skip
def test_a_missing_text_gives_way_to_the_other_language(language, english, chinese, shown):
    with translation.override(language):
        assert in_language(english, chinese) == shown
