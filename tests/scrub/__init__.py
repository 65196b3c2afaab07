"""Tests of scrub."""
