"""The demo company: a grocery chain whose orders come from a public data set, with made-up people."""
