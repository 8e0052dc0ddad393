"""Ready-made surveys hold what they promise in both languages."""

import pytest

from troth.voice.surveys.document.reading import read_document
from troth.voice.surveys.starters import STARTERS


@pytest.mark.django_db
@pytest.mark.parametrize("code", STARTERS)
def test_a_ready_made_survey_can_be_published_as_it_is(code):
    document = read_document(STARTERS[code].document)
    for question in document.questions():
        assert question.text.en
        assert question.text.zh
        for one in (*question.options, *question.rows, *question.rivals):
            assert one.text.en
            assert one.text.zh
