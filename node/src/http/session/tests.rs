use super::*;

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn an_idle_session_ends_and_a_used_one_ends_after_a_day() {
    let sessions: Sessions<_> = Sessions::default();
    let start = Moment::now();
    let token = sessions.open("asha", start).unwrap();
    let mut now = start;
    while now.since(start) < LIFE - IDLE {
        now = now.plus(IDLE - MINUTE);
        assert_eq!(sessions.find(&token, now), Some("asha"), "a session in use goes on");
    }
    assert_eq!(sessions.find(&token, start.plus(LIFE)), None, "no session outlives a working day");

    let idle = sessions.open("asha", start).unwrap();
    assert_eq!(sessions.find(&idle, start.plus(IDLE)), None);
    assert_eq!(sessions.find(&idle, start), None, "what has ended does not come back with the clock");
}

#[test]
fn a_machine_that_slept_has_ended_its_sessions() {
    let sessions: Sessions<_> = Sessions::default();
    let start = Moment::now();
    let token = sessions.open((), start).unwrap();
    let woken = Moment { steady: start.steady, wall: start.wall + IDLE };
    assert_eq!(sessions.find(&token, woken), None);
}

#[test]
fn tokens_differ_are_long_and_only_whole_ones_are_taken() {
    let (one, two) = (Token::fresh().unwrap(), Token::fresh().unwrap());
    assert_ne!(one, two);
    assert_eq!(one.as_str().len(), 43);
    assert_eq!(Token::parse(one.as_str()), Some(one.clone()));
    for wrong in ["", "x", &one.as_str()[..42], &format!("{}A", one.as_str()), &"=".repeat(43), &"é".repeat(43)] {
        assert_eq!(Token::parse(wrong), None, "{wrong}");
    }
    assert_eq!(format!("{one:?}"), "[token]");
}

#[test]
fn the_map_stays_bounded_and_drops_the_one_unused_for_longest() {
    let sessions: Sessions<_> = Sessions::default();
    let start = Moment::now();
    let tokens: Vec<_> =
        (0..=SESSIONS as u64).map(|n| sessions.open(n, start.plus(Duration::from_millis(n))).unwrap()).collect();
    let end = start.plus(Duration::from_secs(1));
    assert_eq!(sessions.held().len(), SESSIONS);
    assert_eq!(sessions.find(&tokens[0], end), None);
    assert_eq!(sessions.find(&tokens[1], end), Some(1));
}

#[test]
fn a_notice_shows_once_and_only_to_its_session() {
    let sessions: Sessions<_> = Sessions::default();
    let now = Moment::now();
    let (one, two) = (sessions.open(1, now).unwrap(), sessions.open(2, now).unwrap());
    sessions.leave_notice(&one, "Accepted.");
    assert_eq!(sessions.take_notice(&two), None);
    assert_eq!(sessions.take_notice(&one).as_deref(), Some("Accepted."));
    assert_eq!(sessions.take_notice(&one), None);
    sessions.close(&one);
    assert_eq!(sessions.find(&one, now), None);
}
