"""Pictures: pure functions from plain data to ECharts options, for the console, HTML reports and notebooks
alike.

Colours are the theme's variables (``var(--t-series-1)``) and formats are named (``{"$format": "percent"}``);
the browser resolves both when it draws. `standalone` does it here for places without our scripts; `svg` draws the
picture itself. Texts arrive translated.
"""

from .bars import bars, histogram, pareto, waterfall
from .flows import Flow, Stop, sankey
from .formats import Format, compact, count, money, money_compact, percent, signed
from .grids import heatmap
from .layers import layers
from .lines import trend
from .points import quadrant
from .pyramids import Band, pyramid
from .standalone import colours, standalone
from .svg import svg
from .trees import Node, tree

__all__ = [
    "Band",
    "Flow",
    "Format",
    "Node",
    "Stop",
    "bars",
    "colours",
    "compact",
    "count",
    "heatmap",
    "histogram",
    "layers",
    "money",
    "money_compact",
    "pareto",
    "percent",
    "pyramid",
    "quadrant",
    "sankey",
    "signed",
    "standalone",
    "svg",
    "tree",
    "trend",
    "waterfall",
]
