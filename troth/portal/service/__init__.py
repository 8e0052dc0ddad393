"""Service and repair requests 报修 from customers themselves."""
