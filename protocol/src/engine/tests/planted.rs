//! Tests that fail where the rule that they are about is broken: a bug is planted for each.

use super::backup::{claims, older};
use super::parcels::halfway;
use super::{absent, passes, succession};
use crate::planted::{Bug, plant};

#[test]
fn with_its_bug_planted_each_of_these_tests_fails() {
    let tests: [(Bug, fn()); 9] = [
        (Bug::ClockForGood, halfway::what_only_a_wrong_clock_refuses_is_taken_once_the_clock_is_right),
        (Bug::SentForgotten, halfway::what_is_taken_back_before_its_carrier_has_answered_is_taken_back_there_too),
        (
            Bug::EarlyRegisterDropped,
            halfway::a_register_whose_node_s_certificate_waits_for_its_account_in_another_parcel_is_not_lost,
        ),
        (Bug::AnnouncedIsTold, halfway::what_was_only_announced_when_the_line_fell_goes_by_parcel),
        (
            Bug::LaterStateIgnored,
            older::an_older_disk_that_was_put_back_tells_nothing_under_a_consent_until_the_later_records_are_opened,
        ),
        (Bug::OpenedUnfinished, absent::what_a_space_that_opened_shows_comes_wherever_the_line_falls),
        (Bug::ClaimUnsigned, claims::who_claims_what_it_can_not_show_holds_nothing_up_and_is_asked_no_more),
        (Bug::AnybodyInvites, passes::who_may_not_admit_has_no_passes),
        (
            Bug::CharterUnshown,
            succession::who_was_away_while_the_stewards_changed_can_check_by_whom_it_was_removed_and_under_which_charter,
        ),
    ];
    for (bug, test) in tests {
        plant(Some(bug));
        let outcome = std::panic::catch_unwind(test);
        plant(None);
        assert!(outcome.is_err(), "{bug:?} shows nowhere");
    }
}
