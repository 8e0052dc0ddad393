"""Bodies about programmes and rehearsals."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from troth.programs.models import DraftState
from troth.sales.models import RehearsalState

from ..fields import (
    NO_NUL,
    AmountText,
    Day,
    Flag,
    Moment,
    MomentText,
    Request,
    Response,
    Text120,
    Text200,
    Text500,
    Whole,
    example,
)

ProgrammeCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
VersionNumber = Annotated[int, Field(ge=1, le=10**6)]
DocumentText = Annotated[str, StringConstraints(min_length=1, max_length=500_000, pattern=NO_NUL)]


class DocumentIn(Request):
    """A programme as one text."""

    text: DocumentText = Field(description="The document, in YAML or JSON; see the guide to programmes.")


class DraftIn(DocumentIn):
    """A draft of the next version."""

    expected_revision: Whole | None = Field(
        None, description="`revision` of the programme as you read it: what another saved since is not overwritten."
    )


class ReviewIn(Request):
    """What a reviewer says of a draft."""

    model_config = example({"is_approved": False, "note": "The budget of May is missing"})

    is_approved: Flag = Field(description="Whether it may be published; else it goes back to its author.")
    note: Text500 = Field("", description="Why, for the author.")
    expected_revision: Whole | None = Field(
        None, description="`revision` of the programme as you read it: what was saved since is not approved unseen."
    )


class PublicationIn(Request):
    """From when an approved draft is in force."""

    model_config = example({"note": "Double points on weekends"})

    effective_at: Moment | None = Field(None, description="From when; left out: now. Never in the past.")
    note: Text200 = Field("", description="What changed and why, for whoever reads the versions.")


class RehearsalIn(Request):
    """A rehearsal to take."""

    model_config = example({"from_date": "2026-10-01", "to_date": "2026-10-31", "name": "Autumn, with double weekends"})

    from_date: Day = Field(description="The first day.")
    to_date: Day = Field(description="The last day, included.")
    text: DocumentText | None = Field(
        None, description="The document to rehearse; left out: the programme's draft, or what is in force."
    )
    name: Text120 = Field("", description="So that people find it again.")


class DocumentProblemOut(Response):
    """One thing wrong in a document."""

    line: int = Field(description="Its line, counted from 1.")
    column: int = Field(description="Its column, counted from 1.")
    path: str = Field(description="The part, as in `rules[2].effect.points`.")
    code: str = Field(description="What is wrong, for programs.")
    message: str = Field(description="What is wrong and the way out, for people.")


class ChangeOut(Response):
    """One thing that a document changes."""

    part: str = Field(description="The rule, tier or other part, by name.")
    facet: str = Field(description="What of it; empty where the part is new or has gone.")
    before: str = Field(description="What it said; empty where it said nothing.")
    after: str = Field(description="What it says; empty where it says nothing any more.")


class DocumentCheckOut(Response):
    """What a document says."""

    is_valid: bool = Field(description="Whether it can be a programme.")
    problems: list[DocumentProblemOut] = Field(description="Everything that is wrong with it.")
    warnings: list[str] = Field(description="What it names and is not there yet: with it, it cannot be published.")
    programme: str | None = Field(description="The code that it names; null while it is not valid.")
    changes: list[ChangeOut] = Field(description="What it changes against the latest version of that programme.")


class ProgrammeOut(Response):
    """A programme."""

    id: UUID = Field(description="Its id.")
    code: str = Field(description="Its code, which never changes.")
    name: str = Field(description="Its name, in English where both are kept.")
    name_zh: str = Field(description="Its name in Chinese, or empty.")
    version: int = Field(description="The latest published version; 0: only a draft so far.")
    draft_state: DraftState = Field(description="none, editing, submitted, approved or rejected.")
    revision: int = Field(description="Grows with every change; see `expected_revision`.")
    is_archived: bool = Field(description="Whether it has ended.")


class ProgrammeDetail(ProgrammeOut):
    """A programme with what is in force."""

    version_in_force: int | None = Field(description="The version in force now; null before the first.")
    document: dict[str, Any] | None = Field(description="Its document, as plain values; null before the first.")
    draft_text: str = Field(description="The draft as it was written; empty without one.")
    review_note: str = Field(description="What the reviewer said of the draft, if anything.")


class ProgrammePage(Response):
    """A page of programmes."""

    items: list[ProgrammeOut] = Field(description="By code.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class VersionOut(Response):
    """A published version. It never changes."""

    number: int = Field(description="Its number, from 1.")
    effective_at: MomentText = Field(description="From when it is in force, until the next one.")
    published_at: MomentText = Field(description="When it was published.")
    note: str = Field(description="What changed and why, as its publisher wrote it.")


class VersionPage(Response):
    """A page of versions."""

    items: list[VersionOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")


class VersionDetail(VersionOut):
    """A published version with what it says."""

    text: str = Field(description="The document as it was written.")
    document: dict[str, Any] = Field(description="The document as plain values.")
    changes: list[ChangeOut] = Field(description="What it changed against the version before.")


class RuleResultOut(Response):
    """What one rule, challenge or streak gave."""

    rule: str = Field(description="Its code.")
    kind: str = Field(description="`points`, `stamps`, `coupon`, `tier_points` or `badge`.")
    code: str = Field(description="The point currency, coupon campaign or badge.")
    times: int = Field(description="For how many orders.")
    amount: int = Field(description="How much altogether.")
    cost: AmountText = Field(description="What that costs, where a point's cost is stated.")


class BudgetResultOut(Response):
    """How much of a shared budget was used."""

    key: str = Field(description="The budget, period and store.")
    size: int = Field(description="Points or times; of money, ten-thousandths.")
    used: int = Field(description="As `size`.")


class TierMoveOut(Response):
    """Members who went from one tier to another."""

    before: str = Field(description="The tier before.")
    after: str = Field(description="The tier after.")
    members: int = Field(description="How many.")


class SideResultOut(Response):
    """One programme over the whole time."""

    points: dict[str, int] = Field(description="Points and stamps by currency.")
    cost: AmountText = Field(description="Of all points at their unit cost: what is owed while nothing is spent.")
    coupons: dict[str, int] = Field(description="Coupons by campaign.")
    orders_awarded: int = Field(description="Orders that get something.")
    members_awarded: int = Field(description="Members who get something.")
    discounted_cost: AmountText = Field(description="The part of the cost that goes to orders reduced already.")
    rules: list[RuleResultOut] = Field(description="What each rule gave.")
    budgets: list[BudgetResultOut] = Field(description="What budgets were used.")
    tiers: dict[str, int] = Field(description="Members by tier at the end.")
    moves: list[TierMoveOut] = Field(description="Moves between tiers on the way.")


class GroupResultOut(Response):
    """What both sides cost for a value band or a segment."""

    group: str = Field(description="The band's code (empty: none), or the segment's id.")
    members: int = Field(description="Its members with orders.")
    spend: AmountText = Field(description="What they spent.")
    draft_cost: AmountText = Field(description="What is owed to them under the draft.")
    compared_cost: AmountText = Field(description="The same under the version in force.")


class MemberResultOut(Response):
    """What one customer gets under each side."""

    customer_id: UUID = Field(description="The customer.")
    draft_points: int = Field(description="Points under the draft.")
    compared_points: int = Field(description="Points under the version in force.")


class RehearsalResultOut(Response):
    """What a rehearsal found: a draft beside the version in force, over the same orders."""

    currency: str = Field(description="The currency of all amounts.")
    orders: int = Field(description="Orders replayed.")
    lines: int = Field(description="Their lines.")
    members: int = Field(description="Customers who bought.")
    sales: AmountText = Field(description="What they bought for.")
    draft: SideResultOut = Field(description="The draft.")
    compared: SideResultOut | None = Field(description="The version in force; null where there was none.")
    extra_cost: AmountText = Field(description="What the draft costs more on orders that came without it.")
    break_even_sales: AmountText | None = Field(description="The further sales that earn it back; null if unknown.")
    gaining: int = Field(description="Members who get more points.")
    losing: int = Field(description="Members who get fewer points.")
    gainers: list[MemberResultOut] = Field(description="Who gains most.")
    losers: list[MemberResultOut] = Field(description="Who loses most.")
    changed_tiers: list[TierMoveOut] = Field(description="Members who would hold another tier.")
    bands: list[GroupResultOut] = Field(description="By value band.")
    segments: list[GroupResultOut] = Field(description="By segment.")


class RehearsalOut(Response):
    """A rehearsal."""

    id: UUID = Field(description="Its id.")
    programme: str = Field(description="The programme's code.")
    name: str = Field(description="What it is called, or empty.")
    from_date: str = Field(description="The first day.")
    to_date: str = Field(description="The last day, included.")
    state: RehearsalState = Field(description="How far it is.")
    progress: float | None = Field(description="The share that is done, 0 to 1; null while that is unknown.")
    error: str = Field(description="Why it failed; empty otherwise.")
    created_at: MomentText = Field(description="When it was asked for.")
    finished_at: MomentText | None = Field(description="When it ended; null before.")


class RehearsalDetail(RehearsalOut):
    """A rehearsal with what it found."""

    result: RehearsalResultOut | None = Field(description="What it found; null while it has not ended well.")


class RehearsalPage(Response):
    """A page of rehearsals."""

    items: list[RehearsalOut] = Field(description="The newest first.")
    next_cursor: str | None = Field(description="Cursor of the next page; null on the last.")
