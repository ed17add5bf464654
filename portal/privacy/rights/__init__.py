"""Rights: what a person asks about their data, the time there is to answer, the decision and its proof."""
