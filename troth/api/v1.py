"""Version 1 of the API, put together."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

import troth

from .keys import ApiKeyBearer
from .parsing import StrictParser
from .problems import add_handlers, problem_schemas
from .resources import (
    approvals,
    blocks,
    care,
    care_days,
    complaint_acts,
    complaints,
    consent_requests,
    control_groups,
    coupons,
    currencies,
    customers,
    events,
    gifts,
    households,
    journey_people,
    journeys,
    markets,
    measuring,
    memberships,
    messages,
    orders,
    outer_loop,
    points,
    programmes,
    prospects,
    remedies,
    rewards,
    scores,
    segments,
    surveys,
    targets,
    tasks,
    texts,
)

DESCRIPTION = """
Customers, their orders and what happens with them, for the systems around Troth: shops, tills, data
warehouses.

Every request carries an API key (`Authorization: Bearer troth_…`), made under Settings, API keys. Every
write carries an `Idempotency-Key`: sent again, it gives the first answer again and nothing happens twice.
Money is text with an ISO 4217 currency beside it, moments are RFC 3339, ids are UUIDs. Lists come in pages
by cursor. Every refusal is a problem (RFC 9457) and changed nothing.
""".strip()


class TrothApi(NinjaAPI):
    """ninja's API, with its schema brought to what is really sent."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        """Return the OpenAPI 3.1 document, with the shape of the problems that its operations refer to, and licence."""
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        schema["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
        schema["components"]["schemas"].update(problem_schemas())
        return schema


def build() -> TrothApi:
    """Return a new API with every address."""
    api = TrothApi(
        title="Troth API",
        version=troth.__version__,
        description=DESCRIPTION,
        urls_namespace="api-v1",
        auth=ApiKeyBearer(),
        parser=StrictParser(),
        docs_url=None,
        openapi_url="/openapi.json",
    )
    add_handlers(api)
    for router in (
        customers.router,
        control_groups.router,
        orders.router,
        points.router,
        currencies.router,
        households.router,
        approvals.router,
        care.router,
        care_days.router,
        scores.router,
        markets.router,
        measuring.router,
        prospects.router,
        targets.router,
        segments.router,
        events.router,
        rewards.router,
        gifts.router,
        coupons.router,
        programmes.router,
        memberships.router,
        texts.router,  # that of templates: one address holds the methods of both
        surveys.router,
        complaints.router,
        complaint_acts.router,
        remedies.router,
        outer_loop.router,
        journeys.router,
        journey_people.router,
        messages.router,
        blocks.router,
        consent_requests.router,
        tasks.router,
    ):
        api.add_router("", router)
    return api


api = build()
