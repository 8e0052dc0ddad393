"""Service and repair requests 报修: cases with steps of their own."""
