"""Seeded synthetic records of cultural programming, with their planted defects and the expected truth.

    sizes → places, words → actors → journeys → loads → blocks → people, bookings, logs → files
                                                             ↘ figures → expected (the truth)

Everybody and everything is invented. The same seed gives the same bytes; any chunk can be made alone.
"""

from datasets.programming.sample.files import SampleReport, make_chunk, write_sample
from datasets.programming.sample.sizes import DEFECTS, SIZES

__all__ = ["DEFECTS", "SIZES", "SampleReport", "make_chunk", "write_sample"]
