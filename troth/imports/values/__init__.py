"""Understanding cells, a column at a time: parsed, mended by a stated rule, or refused with a reason code."""
