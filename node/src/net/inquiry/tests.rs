use super::*;

const NODE: NodeId = NodeId([1; 32]);
const OTHER: NodeId = NodeId([2; 32]);

fn ask(connection: usize) -> Ask {
    Ask {
        node: NODE,
        org: OrgId([1; 32]),
        connection: ConnectionId::new_unchecked(connection),
        address: "/ip4/198.18.0.7/udp/4870/quic-v1".parse().unwrap(),
    }
}

/// One ask, nonce 7, over connection 1.
fn asking(now: Instant) -> Inquiry {
    let mut inquiry = Inquiry::default();
    inquiry.asks(7, ask(1), now);
    inquiry
}

#[test]
fn who_says_that_it_came_is_believed_where_its_nonce_came_back() {
    let now = Instant::now();
    let mut inquiry = asking(now);
    assert!(inquiry.came(NODE, 7, Some(now)));
    assert_eq!(inquiry.answered(7, Answer::Came, now), Some((ask(1), Outcome::Reached)));
    assert_eq!(inquiry.answered(7, Answer::Came, now), None, "once");
    let mut inquiry = asking(now);
    assert_eq!(inquiry.answered(7, Answer::Came, now), Some((ask(1), Outcome::Vain)));
}

#[test]
fn a_nonce_that_another_brings_or_that_nobody_was_given_shows_nothing() {
    let now = Instant::now();
    let mut inquiry = asking(now);
    assert!(!inquiry.came(OTHER, 7, Some(now)) && !inquiry.came(NODE, 8, Some(now)));
    assert_eq!(inquiry.answered(7, Answer::Came, now), Some((ask(1), Outcome::Vain)));
}

#[test]
fn who_says_its_nonce_on_a_connection_that_was_there_came_nowhere() {
    let now = Instant::now();
    let mut inquiry = asking(now + Duration::from_millis(1));
    assert!(!inquiry.came(NODE, 7, Some(now)) && !inquiry.came(NODE, 7, None));
    assert_eq!(inquiry.answered(7, Answer::Came, now), Some((ask(1), Outcome::Vain)));
}

#[test]
fn who_never_answers_is_silent_when_its_time_is_over_and_is_heard_no_more() {
    let now = Instant::now();
    let mut inquiry = asking(now);
    inquiry.came(NODE, 7, Some(now));
    assert_eq!(inquiry.due(now + PATIENCE - Duration::from_millis(1)), []);
    assert_eq!(inquiry.due(now + PATIENCE), [(ask(1), Outcome::Silent)]);
    assert!(!inquiry.came(NODE, 7, Some(now)));
    assert_eq!(inquiry.answered(7, Answer::Came, now + PATIENCE), None);
    assert_eq!(inquiry.due(now + PATIENCE * 2), [], "it is told once");
}

#[test]
fn a_stream_that_breaks_counts_as_no_answer_where_its_connection_stands_and_as_nothing_where_that_goes_too() {
    let now = Instant::now();
    let mut inquiry = asking(now);
    assert_eq!(inquiry.answered(7, Answer::None, now), None);
    assert_eq!(inquiry.due(now), []);
    assert_eq!(inquiry.due(now + BROKEN), [(ask(1), Outcome::Silent)]);

    let mut inquiry = asking(now);
    inquiry.asks(8, ask(2), now);
    inquiry.answered(7, Answer::None, now);
    assert_eq!(inquiry.closed(ConnectionId::new_unchecked(1)), [(ask(1), Outcome::Gone)]);
    assert_eq!(inquiry.due(now + PATIENCE), [(ask(2), Outcome::Silent)], "another connection's is none of it");
}

#[test]
fn who_is_gone_shows_nothing_and_who_takes_no_question_is_told_apart_once_its_connection_stood() {
    let now = Instant::now();
    let mut inquiry = asking(now);
    assert_eq!(inquiry.left(OTHER), []);
    assert_eq!(inquiry.left(NODE), [(ask(1), Outcome::Gone)]);
    let mut inquiry = asking(now);
    assert_eq!(inquiry.answered(7, Answer::Unasked, now), None);
    assert_eq!(inquiry.due(now), []);
    assert_eq!(inquiry.due(now + BROKEN), [(ask(1), Outcome::Unasked)]);
    assert_eq!(inquiry.due(now + PATIENCE), []);
    let mut inquiry = asking(now);
    assert_eq!(inquiry.answered(7, Answer::Unasked, now), None);
    assert_eq!(inquiry.closed(ConnectionId::new_unchecked(1)), [(ask(1), Outcome::Gone)]);
}
