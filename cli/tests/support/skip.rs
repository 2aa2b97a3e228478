//! A test that can not run here.

use std::io::{Write, stderr};

/// Says why, past the harness, which keeps to itself what a passing test prints: `.ci/run` counts it as skipped.
pub fn skipped(why: &str) {
    stderr().write_all(format!("skipped: {why}\n").as_bytes()).unwrap();
}
