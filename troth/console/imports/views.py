"""Upload a file, name its columns, try it, start it, watch it, read its report."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from troth.access.permissions import Permission
from troth.console.guard import ConsoleRequest, requires
from troth.imports import queries as imports
from troth.imports import services as import_services
from troth.imports.errors import FileRefusedError
from troth.imports.models import ImportRun
from troth.imports.targets import SHAPE_LABELS, Shape
from troth.jobs.models import JobStatus
from troth.kit.clock import utc_now

from . import pictures
from .forms import ReadingForm, UploadForm, mapping_of

PAGE_SIZE = 25
SAMPLE_COLUMNS = 12


@require_safe
@requires(Permission.IMPORTS_RUN)
def index(request: ConsoleRequest) -> HttpResponse:
    """Show past and running imports, and take a file in."""
    return _list_page(request, UploadForm())


@require_POST
@requires(Permission.IMPORTS_RUN)
def upload(request: ConsoleRequest) -> HttpResponse:
    """Take a file in and go on to its columns; a file that cannot be read is refused with the reason."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list_page(request, form, status=422)
    file, shape = form.cleaned_data["file"], form.cleaned_data["shape"]
    try:
        run = import_services.receive(
            actor=request.actor,
            now=utc_now(),
            file_name=file.name,
            content=file,
            shape=Shape(shape) if shape else None,
        )
    except FileRefusedError as error:
        form.add_error("file", str(error))
        return _list_page(request, form, status=422)
    return redirect("imports:detail", run.id)


@require_safe
@requires(Permission.IMPORTS_RUN)
def detail(request: ConsoleRequest, run_id: UUID) -> HttpResponse:
    """Show an import as it stands: its columns, its progress, or its report."""
    run = imports.run_of(run_id)
    state = imports.progress(run)
    if state.status == "draft" or (_was_tried(run, state) and "columns" in request.GET):
        return render(request, "console/imports/columns.html", _columns(run))
    context: dict[str, Any] = {"run": run, "row": pictures.row_of(run), "progress": pictures.progress_of(run)}
    if state.is_active:
        context["is_stopping"] = state.is_stopping
        return render(request, "console/imports/running.html", context)
    return render(request, "console/imports/report.html", context | _report(run, state))


@require_POST
@requires(Permission.IMPORTS_RUN)
def choose(request: ConsoleRequest, run_id: UUID) -> HttpResponse:
    """Change what the columns mean, or how the file is read; answer with the columns as they are understood now."""
    run = imports.run_of(run_id)
    if "reading" in request.POST:
        form = ReadingForm(request.POST, run=run)
        if not form.is_valid():
            return render(request, "console/imports/columns.html", _columns(run, form), status=422)
        run = import_services.choose(run_id, actor=request.actor, now=utc_now(), **form.choices())
    elif "earning" in request.POST:
        is_earning = request.POST["earning"] == "yes"
        run = import_services.choose(run_id, actor=request.actor, now=utc_now(), is_earning=is_earning)
    else:
        mapping = mapping_of(request.POST, run)
        run = import_services.choose(run_id, actor=request.actor, now=utc_now(), mapping=mapping)
    if request.htmx:
        return render(request, "console/imports/columns.html", _columns(run))
    return redirect(f"{reverse('imports:detail', args=[run_id])}?columns=1")


@require_POST
@requires(Permission.IMPORTS_RUN)
def start(request: ConsoleRequest, run_id: UUID) -> HttpResponse:
    """Start the import, or a dry run that writes nothing."""
    is_dry_run = request.POST.get("dry_run") == "1"
    import_services.start(run_id, actor=request.actor, now=utc_now(), is_dry_run=is_dry_run)
    return redirect("imports:detail", run_id)


@require_safe
@requires(Permission.IMPORTS_RUN)
def progress(request: ConsoleRequest, run_id: UUID) -> HttpResponse:
    """Answer the bar that asks again; when the import is over, the page around it is told to come anew."""
    run = imports.run_of(run_id)
    response = render(request, "console/imports/progress.html", {"progress": pictures.progress_of(run)})
    if not imports.progress(run).is_active:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@requires(Permission.IMPORTS_RUN)
def cancel(request: ConsoleRequest, run_id: UUID) -> HttpResponse:
    """Ask a running import to stop."""
    import_services.cancel(run_id, actor=request.actor, now=utc_now())
    messages.success(request, _("The import stops at its next step. Rows that are in stay in."))
    return redirect("imports:detail", run_id)


@require_POST
@requires(Permission.IMPORTS_RUN)
def resume(request: ConsoleRequest, run_id: UUID) -> HttpResponse:
    """Go on with a stopped or failed import."""
    import_services.resume(run_id, actor=request.actor, now=utc_now())
    messages.success(request, _("The import goes on from where it stopped; no row goes in twice."))
    return redirect("imports:detail", run_id)


@require_POST
@requires(Permission.IMPORTS_RUN)
def discard(request: ConsoleRequest, run_id: UUID) -> HttpResponse:
    """Remove a file that was not imported."""
    import_services.discard(run_id, actor=request.actor, now=utc_now())
    messages.success(request, _("The file is removed; nothing of it was imported."))
    return redirect("imports:index")


@require_safe
@requires(Permission.IMPORTS_RUN, Permission.CUSTOMERS_VIEW_PERSONAL)
def refused(request: ConsoleRequest, run_id: UUID) -> FileResponse:
    """Give the file of refused rows, each with its reason and its original cells."""
    run = imports.run_of(run_id)
    return _attached(run.refused_path, _("%(file)s – refused rows.csv") % {"file": _bare_name(run)})


@require_safe
@requires(Permission.IMPORTS_RUN, Permission.CUSTOMERS_VIEW_PERSONAL)
def noted(request: ConsoleRequest, run_id: UUID) -> FileResponse:
    """Give the file of cells that were left empty, each with its reason."""
    run = imports.run_of(run_id)
    return _attached(run.noted_path, _("%(file)s – cells left empty.csv") % {"file": _bare_name(run)})


def _bare_name(run: ImportRun) -> str:
    return run.file_name.rpartition(".")[0] or run.file_name


def _attached(path: Path, name: str) -> FileResponse:
    if not path.exists():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/csv")


def _was_tried(run: ImportRun, state: imports.Progress) -> bool:
    """Tell whether a dry run is over: its columns may be changed, and it may be started for good."""
    return bool(run.options.get("is_dry_run")) and not state.is_active


def _list_page(request: ConsoleRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    page = Paginator(imports.runs(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page": page, "rows": [pictures.row_of(run) for run in page], "form": form}
    return render(request, "console/imports/index.html", context, status=status)


def _columns(run: ImportRun, form: ReadingForm | None = None) -> dict[str, Any]:
    preview = imports.preview(run, now=utc_now())
    heads = pictures.column_heads(run, preview)
    return {
        "run": run,
        "what": SHAPE_LABELS[Shape(run.shape)],
        "heads": heads,
        "left_out": [head.name for head in heads if not head.chosen] if run.shape == Shape.CUSTOMERS else [],
        "preview": preview,
        "is_ambiguous": preview.has_ambiguous_dates and run.options["date_order"] == "auto",
        "lacking": pictures.lacking(run),
        "earning": pictures.earning(run, utc_now()),
        "form": form or ReadingForm(run=run),
        "is_form_open": form is not None,
    }


def _report(run: ImportRun, state: imports.Progress) -> dict[str, Any]:
    is_done = state.status == JobStatus.SUCCEEDED
    return {
        "is_done": is_done,
        "is_dry_run": bool(run.options.get("is_dry_run")),
        "is_earning": bool(run.options.get("is_earning")) and run.shape != Shape.CUSTOMERS,
        "may_resume": state.status in (JobStatus.FAILED, JobStatus.CANCELLED),
        "error": state.error,
        "figures": pictures.figures(state.tally),
        "tally": state.tally,
        "mended": pictures.mended(state.tally),
        "sample": pictures.sample(run),
        "sample_columns": run.source["columns"][:SAMPLE_COLUMNS],
        "has_refused_file": is_done and run.refused_path.exists(),
        "noted": pictures.noted(state.tally),
        "notes": pictures.notes(run),
        "has_noted_file": is_done and run.noted_path.exists(),
    }
