"""English and Chinese pages stay in step: same outline, code, tables, figures and links, section by section."""

from collections import defaultdict
from functools import cache

import pytest
from babel.messages.pofile import read_po

from tests.house.files import ROOT, shown, tracked
from tools.twins import ENGLISH_ONLY, FOLDER, differences, guides, main, sections, stale, twin, unpaired

GUIDES = guides(ROOT)


def test_every_page_has_its_twin_and_no_twin_is_alone():
    assert unpaired(ROOT) == []


def test_pages_named_as_english_only_exist():
    assert [name for name in sorted(ENGLISH_ONLY) if not (ROOT / "docs" / name).is_file()] == []


@pytest.mark.parametrize("document", GUIDES, ids=shown)
def test_a_page_and_its_twin_say_the_same(document):
    assert differences(document, twin(document)) == []


def test_twins_were_looked_at_since_their_english_sections_changed():
    assert stale(ROOT) == []


# --- menus are called as on the screen


@cache
def labels() -> dict[str, set[str]]:
    """Return every text of the product, with what the Chinese screens say for it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in tracked("*.po"):
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id and isinstance(message.id, str):
                    found[message.id].add(str(message.string))
    return found


def menus_unlike(english, chinese):
    """Return what is not as on the screen among the ways through menus that a page and its twin tell."""
    found = []
    for one, other in zip(sections(english), sections(chinese), strict=True):
        left = list(other.menus)
        for way in one.menus:
            found += [f"“{one.title}”: no screen says “{part}”" for part in way if part not in labels()]
            wanted = [labels().get(part, set()) for part in way]
            fits = [there for there in left if len(there) == len(way)]
            fits = [there for there in fits if all(part in said for part, said in zip(there, wanted, strict=True))]
            if fits:
                left.remove(fits[0])
            else:
                found.append(f"“{other.title}”: {' → '.join(way)} is not told as in {left}, but {wanted}")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("document", GUIDES, ids=shown)
def test_ways_through_menus_are_those_of_the_screens(document):
    assert menus_unlike(document, twin(document)) == []


# --- each kind of drift is seen

ENGLISH = """# Tasks

[中文](zh-Hans/tasks.md)

At most 1,000 tasks by 29 February, on port `8000`; see [events](events.md).

## Teams

- A team takes 3 tasks.
- See [the top](#tasks) and [who may](tasks.md#teams).

| state | days |
| --- | --- |
| open | 2 |

```sh
troth serve  # for 5 people
```
"""
CHINESE = """# 任务

[English](../tasks.md)

截至 2 月 29 日最多 1000 个任务，端口为 `8000`；参见[事件](../events.md)。

## 团队

- 一个团队领取 3 个任务。
- 参见[开头](#任务)和[权限](tasks.md#团队)。

| 状态 | 天数 |
| --- | --- |
| 待办 | 2 |

```sh
troth serve  # 供 5 人使用
```
"""
PLACE = "zh-Hans/tasks.md, “团队” (Teams): "
DRIFT = {
    "a section is missing": (
        "## 团队",
        "**团队**",
        "zh-Hans/tasks.md: 2 headings in English, 1 in Chinese;"
        " they differ from “Tasks” in English and “任务” in Chinese on",
    ),
    "a heading is of another level": (
        "## 团队",
        "### 团队",
        PLACE + "level of the heading: 2 in English, 3 in Chinese",
    ),
    "an item of a list is missing": (
        "- 参见",
        "\n参见",
        PLACE + "order of paragraphs, lists, tables: after 3 alike: item, paragraph, table, code in English,"
        " paragraph, table, code in Chinese",
    ),
    "a table has another column": (
        "| 状态 | 天数 |\n| --- | --- |\n",
        "| 状态 | 天数 | 人 |\n| --- | --- | --- |\n",
        PLACE + "rows and columns of tables: 2 × 2 in English, 2 × 3 in Chinese",
    ),
    "a table has another row": (
        "| 待办 | 2 |\n",
        "| 待办 | 2 |\n| 完成 | |\n",
        PLACE + "rows and columns of tables: 2 × 2 in English, 3 × 2 in Chinese",
    ),
    "a command is another": (
        "troth serve",
        "troth worker",
        PLACE + "blocks of code: only in English: troth serve; only in Chinese: troth worker",
    ),
    "a block is of another language": (
        "```sh",
        "```python",
        PLACE + "blocks of code: only in English: sh; only in Chinese: python",
    ),
    "a figure is another": ("领取 3 个", "领取 4 个", PLACE + "figures: only in English: 3; only in Chinese: 4"),
    "a figure of a comment is another": (
        "供 5 人",
        "供 6 人",
        PLACE + "figures: only in English: 5; only in Chinese: 6",
    ),
    "a figure of a table is another": ("| 2 |", "| 7 |", PLACE + "figures: only in English: 2; only in Chinese: 7"),
    "a date is another": (
        "2 月 29 日",
        "3 月 29 日",
        "zh-Hans/tasks.md, “任务” (Tasks): figures: only in English: 2; only in Chinese: 3",
    ),
    "a setting is another": (
        "`8000`",
        "`8001`",
        "zh-Hans/tasks.md, “任务” (Tasks): code within the text: only in English: 8000; only in Chinese: 8001",
    ),
    "a link leads elsewhere": (
        "](../events.md)",
        "](tasks.md#团队)",
        "zh-Hans/tasks.md, “任务” (Tasks): links: only in English: events.md; only in Chinese: zh-Hans/tasks.md#团队",
    ),
    "a link stays with the English page": (
        "](tasks.md#团队)",
        "](../tasks.md#teams)",
        PLACE + "links: only in English: zh-Hans/tasks.md#团队; only in Chinese: tasks.md#teams",
    ),
    "the other language is not to be found": (
        "[English](../tasks.md)",
        "任务",
        "zh-Hans/tasks.md: the top does not lead to tasks.md in the other language",
    ),
    "a text is English": (
        "一个团队领取 3 个任务。",
        "A team takes 3 tasks.",
        PLACE + "not in Chinese: A team takes 3 tasks.",
    ),
    "a line is torn": ("团队领取", "团队\n领取", PLACE + "torn line or lost emphasis: 一个团队\n领取 3 个任务。"),
    "an emphasis is lost": (
        "一个团队领取",
        "一个**团队，**领取",
        PLACE + "torn line or lost emphasis: 一个**团队，**领取 3",
    ),
}


def pair(folder, chinese, english_text=ENGLISH):
    """Write both pages, and the one that they lead to, and return the two."""
    (folder / FOLDER).mkdir()
    (folder / "events.md").write_text("# Events\n", encoding="utf-8")
    english = folder / "tasks.md"
    english.write_text(english_text, encoding="utf-8")
    twin(english).write_text(chinese, encoding="utf-8")
    return english, twin(english)


def test_pages_in_step_have_no_differences(tmp_path):
    assert differences(*pair(tmp_path, CHINESE)) == []


@pytest.mark.parametrize("kind", DRIFT)
def test_drift_is_named_with_page_section_and_difference(kind, tmp_path):
    before, after, said = DRIFT[kind]
    assert CHINESE.count(before) == 1
    assert differences(*pair(tmp_path, CHINESE.replace(before, after))) == [said]


def test_a_page_without_a_twin_and_a_twin_without_a_page_are_named(tmp_path):
    (tmp_path / "docs" / FOLDER).mkdir(parents=True)
    for name in ("README.md", f"README.{FOLDER}.md", "docs/tasks.md", "docs/cli.md", f"docs/{FOLDER}/gone.md"):
        (tmp_path / name).touch()
    assert unpaired(tmp_path) == [
        "docs/zh-Hans/tasks.md: write it, or name the page among ENGLISH_ONLY",
        "docs/zh-Hans/gone.md: has no English page",
    ]


def project(folder):
    """Write a project of two pages with their twins, all in step, and return its folder."""
    (folder / "docs").mkdir()
    (folder / "README.md").write_text("# Troth\n\n[中文](README.zh-Hans.md)\n", encoding="utf-8")
    (folder / f"README.{FOLDER}.md").write_text("# 恒客\n\n[English](README.md)\n", encoding="utf-8")
    pair(folder / "docs", CHINESE)
    assert main(folder) == 0
    return folder


def change(path, before, after):
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")
    sections.cache_clear()


def test_a_sentence_that_changes_without_a_figure_is_named(tmp_path, capsys):
    page = project(tmp_path) / "docs" / "tasks.md"
    assert stale(tmp_path) == []
    change(page, "A team takes", "A team\ntakes")
    assert stale(tmp_path) == []  # only the line breaks
    change(page, "A team\ntakes", "A person takes")
    assert differences(page, twin(page)) == []
    assert stale(tmp_path) == [
        "docs/tasks.md, Teams: says something else than when “团队” was written;"
        " bring that into step, then python -m tools.twins"
    ]
    capsys.readouterr()
    assert main(tmp_path) == 0
    assert capsys.readouterr().out == "in step: docs/tasks.md, Teams\n"
    assert stale(tmp_path) == []


def test_marks_are_not_written_while_a_page_differs_from_its_twin(tmp_path, capsys):
    page = project(tmp_path) / "docs" / "tasks.md"
    before = (tmp_path / "docs" / FOLDER / "sections.json").read_text(encoding="utf-8")
    change(page, "takes 3 tasks", "takes 4 tasks")
    capsys.readouterr()
    assert main(tmp_path) == 1
    assert capsys.readouterr().out == PLACE + "figures: only in English: 4; only in Chinese: 3\n"
    assert (tmp_path / "docs" / FOLDER / "sections.json").read_text(encoding="utf-8") == before


def test_a_section_that_is_gone_is_named(tmp_path):
    page = project(tmp_path) / "docs" / "tasks.md"
    change(page, "## Teams", "## Groups")
    assert stale(tmp_path) == [
        "docs/tasks.md, Groups: says something else than when “团队” was written;"
        " bring that into step, then python -m tools.twins",
        "docs/tasks.md, Teams: is gone; python -m tools.twins",
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("english", "chinese", "said"),
    [
        ("*Care → Tasks*", "*客户关怀 → 任务*", []),
        (
            "*Care → Tasks*",
            "*客户照料 → 任务*",
            ["“任务”: Care → Tasks is not told as in [['客户照料', '任务']], but [{'客户关怀'}, {'任务'}]"],
        ),
        (
            "**Care › Chores**",
            "**客户关怀 › 杂务**",
            [
                "“Tasks”: no screen says “Chores”",
                "“任务”: Care → Chores is not told as in [['客户关怀', '杂务']], but [{'客户关怀'}, set()]",
            ],
        ),
        ("*Care → Tasks*", "任务", ["“任务”: Care → Tasks is not told as in [], but [{'客户关怀'}, {'任务'}]"]),
    ],
)
def test_a_menu_that_is_called_otherwise_on_the_screen_is_named(english, chinese, said, tmp_path):
    assert menus_unlike(*pair(tmp_path, f"# 任务\n\n{chinese}\n", f"# Tasks\n\n{english}\n")) == said
