use super::*;

const HOSTILE: OrgId = OrgId([1; 32]);
const PARTNER: OrgId = OrgId([2; 32]);
const THIRD: OrgId = OrgId([3; 32]);

fn at(text: &str) -> Multiaddr {
    text.parse().unwrap()
}

fn all(orgs: &[OrgId]) -> BTreeSet<OrgId> {
    orgs.iter().copied().collect()
}

fn set(texts: &[&str]) -> BTreeSet<Multiaddr> {
    texts.iter().map(|text| at(text)).collect()
}

fn now() -> Instant {
    Instant::now()
}

const MAPPED: &str = "/ip4/198.18.0.7/udp/4870/quic-v1";
const LAN: &str = "/ip4/192.168.1.2/udp/4870/quic-v1";

#[test]
fn one_members_word_confirms_no_address_where_another_can_be_asked() {
    let (others, own) = (all(&[HOSTILE, PARTNER, THIRD]), set(&[LAN]));
    let mut words = Words::default();
    words.probed(HOSTILE, at(MAPPED), true, now());
    words.came(HOSTILE, at(MAPPED), now());
    assert_eq!(words.confirmed(&others, &own), set(&[]));
    // Nor does that of somebody whom no roster has.
    words.probed(OrgId([9; 32]), at(MAPPED), true, now());
    assert_eq!(words.confirmed(&others, &own), set(&[]));
    words.probed(PARTNER, at(MAPPED), true, now());
    assert_eq!(words.confirmed(&others, &own), set(&[MAPPED]));
    // Who is removed has no word any more.
    assert_eq!(words.confirmed(&all(&[PARTNER, THIRD]), &own), set(&[]));
}

#[test]
fn where_only_one_other_is_known_its_word_is_enough_until_there_is_a_second() {
    let own = set(&[LAN]);
    let mut words = Words::default();
    words.probed(HOSTILE, at(MAPPED), true, now());
    assert_eq!(words.confirmed(&all(&[HOSTILE]), &own), set(&[MAPPED]));
    assert_eq!(words.confirmed(&all(&[HOSTILE, PARTNER]), &own), set(&[]));
}

#[test]
fn who_comes_over_either_transport_to_an_own_address_shows_that_one_comes_there() {
    let (quic, tcp) = ("/ip4/198.18.0.7/udp/4870/quic-v1", "/ip4/198.18.0.7/tcp/4870");
    let others = all(&[HOSTILE, PARTNER]);
    let mut words = Words::default();
    words.came(HOSTILE, at(quic), now());
    words.came(PARTNER, at(tcp), now());
    assert_eq!(words.confirmed(&others, &set(&[quic, tcp])), set(&[quic, tcp]));
    // Of a router's address each port may lead elsewhere.
    assert_eq!(words.confirmed(&others, &set(&[LAN])), set(&[]));
}

#[test]
fn of_each_kind_two_addresses_are_confirmed_its_own_first_and_then_those_that_most_say_so_of() {
    let others = all(&[HOSTILE, PARTNER, THIRD]);
    let port = |n: u16| at(&format!("/ip4/198.18.0.7/udp/{n}/quic-v1"));
    let (own, tcp) = (at("/ip4/198.18.0.9/udp/4870/quic-v1"), at("/ip4/198.18.0.7/tcp/4870"));
    let mut words = Words::default();
    for org in [HOSTILE, PARTNER] {
        (1..=5).for_each(|n| words.probed(org, port(n), true, now()));
        words.came(org, own.clone(), now());
        words.came(org, tcp.clone(), now());
    }
    words.probed(THIRD, port(4), true, now());
    let confirmed = words.confirmed(&others, &BTreeSet::from([own.clone()]));
    assert_eq!(confirmed, BTreeSet::from([own, port(4), tcp]));
}

#[test]
fn what_one_probed_in_vain_is_not_refuted_where_another_can_be_asked() {
    let others = all(&[HOSTILE, PARTNER, THIRD]);
    let mut words = Words::default();
    words.probed(HOSTILE, at(MAPPED), false, now());
    assert_eq!(words.refuted(&others), set(&[]));
    words.probed(PARTNER, at(MAPPED), false, now());
    assert_eq!(words.refuted(&others), set(&[MAPPED]));
    words.came(THIRD, at(MAPPED), now());
    assert_eq!(words.refuted(&others), set(&[]), "somebody came there");
}

/// Who is asked now, of those that are linked.
fn asked(words: &mut Words, others: &BTreeSet<OrgId>, now: Instant) -> Vec<OrgId> {
    words.ask(others, others, &set(&[LAN]), now).into_iter().map(|(org, _)| org).collect()
}

#[test]
fn two_organisations_are_asked_to_probe_and_another_where_one_says_no_or_can_not_be_asked() {
    let (others, own, now) = (all(&[HOSTILE, PARTNER, THIRD]), set(&[LAN]), Instant::now());
    let mut words = Words::default();
    words.claimed(HOSTILE, &at(MAPPED), &own, now);
    assert_eq!(asked(&mut words, &others, now), [HOSTILE, PARTNER]);
    assert_eq!(asked(&mut words, &others, now), [], "both are at it");
    words.probed(HOSTILE, at(MAPPED), false, now);
    assert_eq!(asked(&mut words, &others, now), [THIRD]);
    words.probed(THIRD, at(MAPPED), true, now);
    words.unasked(PARTNER, now);
    assert_eq!(asked(&mut words, &others, now), [], "nobody is left before that one can be asked again");
    assert_eq!(asked(&mut words, &others, now + PAUSE), [PARTNER]);
    words.probed(PARTNER, at(MAPPED), true, now + PAUSE);
    assert_eq!(words.confirmed(&others, &own), set(&[MAPPED]));
    assert_eq!(asked(&mut words, &others, now + PAUSE), []);
}

#[test]
fn an_address_that_was_tried_in_vain_is_tried_anew_an_hour_later_by_others_first() {
    let (others, own, start) = (all(&[HOSTILE, PARTNER, THIRD]), set(&[LAN]), Instant::now());
    let mut words = Words::default();
    // It is claimed all the time.
    let claims = |words: &mut Words, from: Duration| {
        let (from, mut at_time) = (start + from, start);
        while at_time <= from {
            words.claimed(PARTNER, &at(MAPPED), &own, at_time);
            at_time += CLAIM;
        }
    };
    claims(&mut words, Duration::ZERO);
    assert_eq!(asked(&mut words, &others, start), [HOSTILE, PARTNER]);
    for org in [HOSTILE, PARTNER] {
        words.probed(org, at(MAPPED), false, start);
    }
    claims(&mut words, VAIN);
    assert_eq!(asked(&mut words, &others, start + VAIN - CLAIM), [], "two were there");
    assert_eq!(words.refuted(&others), set(&[MAPPED]));
    let again = asked(&mut words, &others, start + VAIN);
    assert_eq!(again, [THIRD, HOSTILE], "who was not asked yet comes first");
    assert_eq!(words.refuted(&others), set(&[MAPPED]), "it stays so until somebody comes there");
    words.probed(THIRD, at(MAPPED), true, start + VAIN);
    assert_eq!(words.refuted(&others), set(&[]));
    words.probed(HOSTILE, at(MAPPED), false, start + VAIN);
    assert_eq!(asked(&mut words, &others, start + VAIN), [PARTNER]);
    words.probed(PARTNER, at(MAPPED), true, start + VAIN);
    assert_eq!(words.confirmed(&others, &own), set(&[MAPPED]));
}

#[test]
fn what_was_not_tried_comes_first_and_of_that_what_waits_longest() {
    let (others, own, now) = (all(&[HOSTILE]), set(&[LAN]), Instant::now());
    let tcp = set(&["/ip4/192.168.1.2/tcp/4870", "/ip4/192.168.1.2/udp/4870/quic-v1"]);
    let (first, second) = (at("/ip4/198.18.0.7/tcp/4870"), at(MAPPED));
    let mut words = Words::default();
    words.claimed(HOSTILE, &first, &tcp, now);
    words.claimed(HOSTILE, &second, &tcp, now + Duration::from_secs(1));
    let one = |words: &mut Words, now| words.ask(&others, &others, &own, now);
    assert_eq!(one(&mut words, now), [(HOSTILE, first.clone())]);
    words.probed(HOSTILE, first, false, now);
    assert_eq!(one(&mut words, now), [(HOSTILE, second)]);
}

#[test]
fn who_claims_ever_new_addresses_keeps_none_of_anothers_waiting() {
    let (others, own, start) = (all(&[HOSTILE, PARTNER]), set(&[LAN]), Instant::now());
    let mut words = Words::default();
    let new = |n: u64| at(&format!("/ip4/198.18.3.{n}/udp/4870/quic-v1"));
    words.claimed(HOSTILE, &new(0), &own, start);
    words.claimed(PARTNER, &at(MAPPED), &own, start + Duration::from_secs(1));
    let first = words.ask(&others, &others, &own, start + Duration::from_secs(2));
    assert!(first.iter().all(|(_, address)| *address == new(0)), "{first:?}");
    // While those are at it, it claims the next one.
    words.claimed(HOSTILE, &new(1), &own, start + CLAIM);
    for (org, address) in first {
        words.probed(org, address, false, start + CLAIM);
    }
    let next = words.ask(&others, &others, &own, start + CLAIM);
    assert!(next.len() == 2 && next.iter().all(|(_, address)| *address == at(MAPPED)), "{next:?}");
}

#[test]
fn who_claims_another_address_every_second_has_no_more_of_them_probed() {
    let (others, own, now) = (all(&[HOSTILE, PARTNER]), set(&[LAN]), Instant::now());
    let mut words = Words::default();
    let mut probed = BTreeSet::new();
    for second in 0..120_u64 {
        let now = now + Duration::from_secs(second);
        words.claimed(HOSTILE, &at(&format!("/ip4/198.18.3.{second}/udp/4870/quic-v1")), &own, now);
        for (org, address) in words.ask(&others, &others, &own, now) {
            probed.insert(address.clone());
            words.probed(org, address, false, now);
        }
    }
    assert_eq!(probed.len(), 2, "one a minute");
    assert_eq!(words.vain.len(), 1, "and what was said of the one before is forgotten");
}

#[test]
fn a_claim_names_the_ports_that_are_listened_on_and_nothing_inside() {
    let own = set(&["/ip4/192.168.1.2/tcp/4870", "/ip4/192.168.1.2/tcp/443", "/ip4/192.168.1.2/tcp/80", LAN]);
    let seen = |text: &str| -> BTreeSet<Multiaddr> { candidates(&at(text), &own).into_iter().collect() };
    assert_eq!(seen("/ip4/198.18.0.7/tcp/443"), set(&["/ip4/198.18.0.7/tcp/443"]));
    assert_eq!(seen("/ip4/198.18.0.7/udp/61000/quic-v1"), set(&[MAPPED]), "the router chose another port");
    assert_eq!(seen("/ip4/198.18.0.7/tcp/61000").len(), limits::OUTSIDE_OF_KIND);
    assert_eq!(seen("/ip4/10.0.0.1/tcp/4870"), set(&[]));
}

#[test]
fn after_the_machine_moved_no_claim_has_an_address_count_again_but_a_new_word_does() {
    let (others, own, now) = (all(&[HOSTILE, PARTNER]), set(&[LAN]), Instant::now());
    let mut words = Words::default();
    for org in [HOSTILE, PARTNER] {
        words.probed(org, at(MAPPED), true, now);
    }
    words.moved();
    assert!(words.is_empty());
    words.claimed(HOSTILE, &at(MAPPED), &own, now);
    assert_eq!(words.confirmed(&others, &own), set(&[]), "one member only says that it sees this node there");
    assert_eq!(asked(&mut words, &others, now).len(), 2, "both are asked anew");
    for org in [HOSTILE, PARTNER] {
        words.probed(org, at(MAPPED), true, now);
    }
    assert_eq!(words.confirmed(&others, &own), set(&[MAPPED]));
}

fn router(n: u64) -> Multiaddr {
    at(&format!("/ip4/198.18.3.{}/udp/4870/quic-v1", 200 - n))
}

/// Two organisations see this node at that address, and reach it there.
fn routed(words: &mut Words, n: u64, now: Instant) {
    for org in [HOSTILE, PARTNER] {
        words.claimed(org, &router(n), &set(&[LAN]), now);
        words.probed(org, router(n), true, now);
    }
}

#[test]
fn of_a_router_whose_address_changes_the_last_ones_count_and_the_old_ones_are_forgotten() {
    let (others, own, start) = (all(&[HOSTILE, PARTNER]), set(&[LAN]), Instant::now());
    let mut words = Words::default();
    for n in 1..=3 {
        routed(&mut words, n, start + CLAIM * u32::try_from(n).unwrap());
    }
    assert_eq!(words.confirmed(&others, &own), BTreeSet::from([router(2), router(3)]));
    words.claimed(PARTNER, &router(3), &own, start + CLAIM * 3 + KEPT);
    assert_eq!(words.confirmed(&others, &own), BTreeSet::from([router(3)]));
}

#[test]
fn two_that_agree_on_ever_new_addresses_have_no_more_of_them_kept() {
    let start = Instant::now();
    let mut words = Words::default();
    for n in 0..20 {
        routed(&mut words, n, start + CLAIM * u32::try_from(n).unwrap());
        assert!(words.reached.len() <= limits::OUTSIDE_PAST + 2, "{}", words.reached.len());
        assert!(words.named.len() <= limits::OUTSIDE_PAST + 2, "{}", words.named.len());
    }
    assert!(words.reached.contains_key(&router(19)));
}

#[test]
fn what_nobody_claims_any_more_is_forgotten_by_time_alone() {
    let (own, start) = (set(&[LAN]), Instant::now());
    let mut words = Words::default();
    routed(&mut words, 1, start);
    words.probed(THIRD, router(2), false, start);
    words.prune(&own, start + KEPT - CLAIM);
    assert!(!words.is_empty());
    words.prune(&own, start + KEPT);
    assert!(words.is_empty());
    assert!(words.named.is_empty() && words.waits.is_empty() && words.vain.is_empty());
}

#[test]
fn who_sees_this_node_elsewhere_is_asked_again_and_an_old_address_ends_though_another_keeps_claiming_it() {
    let (others, own, start) = (all(&[HOSTILE, PARTNER, THIRD]), set(&[LAN]), Instant::now());
    let mut words = Words::default();
    routed(&mut words, 1, start);
    assert_eq!(words.confirmed(&others, &own), BTreeSet::from([router(1)]));
    // The router's address changes, and one of them says still that it is the old one.
    let (later, second) = (start + CLAIM, Duration::from_secs(1));
    words.claimed(PARTNER, &router(2), &own, later);
    words.claimed(HOSTILE, &router(1), &own, later);
    let asks = words.ask(&others, &all(&[PARTNER]), &own, later + second);
    assert_eq!(asks, [(PARTNER, router(1))], "what it said before is the first thing");
    words.probed(PARTNER, router(1), false, later + second);
    assert_eq!(words.confirmed(&others, &own), set(&[]));
    assert_eq!(words.ask(&others, &all(&[PARTNER]), &own, later + second), [(PARTNER, router(2))]);
}

#[test]
fn where_who_sees_this_node_elsewhere_can_not_be_asked_its_word_ends_within_a_minute() {
    let (others, own, start) = (all(&[HOSTILE, PARTNER, THIRD]), set(&[LAN]), Instant::now());
    let mut words = Words::default();
    routed(&mut words, 1, start);
    let later = start + CLAIM;
    words.claimed(PARTNER, &router(2), &own, later);
    words.claimed(HOSTILE, &router(1), &own, later);
    words.prune(&own, later + DOUBT);
    assert_eq!(words.confirmed(&others, &own), set(&[]));
}

#[test]
fn a_word_for_a_routers_address_is_asked_for_again_and_ends_where_it_is_not_given() {
    let (others, own, start) = (all(&[HOSTILE, PARTNER]), set(&[LAN]), Instant::now());
    let mut words = Words::default();
    routed(&mut words, 1, start);
    let claim = |words: &mut Words, now| words.claimed(HOSTILE, &router(1), &own, now);
    claim(&mut words, start + WORD / 4);
    assert_eq!(asked(&mut words, &others, start + WORD / 4), []);
    claim(&mut words, start + WORD / 2);
    assert_eq!(asked(&mut words, &others, start + WORD / 2), [HOSTILE, PARTNER]);
    words.probed(HOSTILE, router(1), true, start + WORD / 2);
    claim(&mut words, start + WORD);
    words.prune(&own, start + WORD);
    assert_eq!(words.confirmed(&others, &own), set(&[]), "one of them has given it no more");
    // Of an address of its own it is known when it is one no more.
    words.came(HOSTILE, at(LAN), start);
    words.prune(&own, start + WORD * 2);
    assert!(words.reached.contains_key(&at(LAN)));
}

#[test]
fn what_one_alone_says_of_several_is_told_apart_from_what_two_say_and_never_an_address_of_its_own() {
    let (others, own) = (all(&[HOSTILE, PARTNER, THIRD]), set(&[LAN]));
    let mut words = Words::default();
    words.probed(HOSTILE, at(MAPPED), true, now());
    words.came(HOSTILE, at(LAN), now());
    let single = |words: &Words, others: &BTreeSet<OrgId>| words.single((others, others), &own, now());
    assert_eq!(single(&words, &others), set(&[MAPPED]));
    assert_eq!(single(&words, &all(&[HOSTILE])), set(&[]), "where there is no second it is confirmed");
    words.probed(PARTNER, at(MAPPED), true, now());
    assert_eq!(single(&words, &others), set(&[]));
}

#[test]
fn who_keeps_coming_by_a_routers_address_keeps_its_word_and_who_never_came_gets_none_so() {
    let (others, own, start) = (all(&[HOSTILE, PARTNER]), set(&[LAN]), Instant::now());
    let mut words = Words::default();
    routed(&mut words, 1, start);
    let later = start + WORD - DOUBT;
    for org in [HOSTILE, PARTNER] {
        words.claimed(org, &router(1), &own, later);
        words.renewed(org, &router(1), later);
        words.renewed(org, &router(2), later);
    }
    words.prune(&own, start + WORD + DOUBT);
    assert_eq!(words.confirmed(&others, &own), words.reached_by(2, &others, &own));
    assert!(words.reached.contains_key(&router(1)) && !words.reached.contains_key(&router(2)));
    assert_eq!(asked(&mut words, &others, later), [], "nor is it asked for again before its time");
}

/// A word for a router's address that is due, and who gave it came not.
fn missed(start: Instant) -> (Words, Instant) {
    let mut words = Words::default();
    routed(&mut words, 1, start);
    let due = start + WORD / 2;
    for org in [HOSTILE, PARTNER] {
        words.claimed(org, &router(1), &set(&[LAN]), due);
    }
    assert_eq!(asked(&mut words, &all(&[HOSTILE, PARTNER]), due), [HOSTILE, PARTNER]);
    words.probed(HOSTILE, router(1), true, due);
    words.unanswered(PARTNER, router(1), due);
    words.prune(&set(&[LAN]), due);
    (words, due)
}

#[test]
fn who_comes_not_where_it_came_before_is_asked_once_more_before_its_word_ends() {
    let (others, own) = (all(&[HOSTILE, PARTNER]), set(&[LAN]));
    let (mut words, due) = missed(now());
    assert_eq!(words.confirmed(&others, &own), BTreeSet::from([router(1)]), "it stands, in doubt");
    assert_eq!(asked(&mut words, &others, due), [], "what was down for a moment may still be");
    let again = due + DOUBT / 2;
    assert_eq!(asked(&mut words, &others, again), [PARTNER]);
    words.unanswered(PARTNER, router(1), again);
    assert_eq!(words.confirmed(&others, &own), set(&[]));
    assert_eq!(asked(&mut words, &others, again), [], "it came not twice");
    for org in [HOSTILE, PARTNER] {
        words.claimed(org, &router(1), &own, again + VAIN - CLAIM);
    }
    assert_eq!(asked(&mut words, &others, again + VAIN), [HOSTILE, PARTNER], "an hour later it may");
}

#[test]
fn who_comes_the_second_time_it_is_asked_keeps_its_word_and_who_can_not_be_asked_loses_it_when_the_doubt_is_over() {
    let (others, own) = (all(&[HOSTILE, PARTNER]), set(&[LAN]));
    let (mut words, due) = missed(now());
    words.probed(PARTNER, router(1), true, due + DOUBT / 2);
    words.prune(&own, due + DOUBT);
    assert_eq!(words.confirmed(&others, &own), BTreeSet::from([router(1)]));
    assert_eq!(asked(&mut words, &others, due + DOUBT), [], "for as long as any word");

    let (mut words, due) = missed(now());
    words.unasked(PARTNER, due + DOUBT / 2);
    words.prune(&own, due + DOUBT);
    assert_eq!(words.confirmed(&others, &own), set(&[]));
}

#[test]
fn of_an_address_of_its_own_too_who_came_not_is_doubted_for_a_minute() {
    let (others, own, start) = (all(&[HOSTILE]), set(&["/ip4/198.18.0.9/udp/4870/quic-v1"]), now());
    let mut words = Words::default();
    words.came(HOSTILE, at("/ip4/198.18.0.9/udp/4870/quic-v1"), start);
    words.probed(HOSTILE, at("/ip4/198.18.0.9/udp/4870/quic-v1"), false, start);
    words.prune(&own, start + DOUBT / 2);
    assert_eq!(words.confirmed(&others, &own), own);
    words.prune(&own, start + DOUBT);
    assert_eq!(words.confirmed(&others, &own), set(&[]));
}

#[test]
fn of_two_organisations_what_the_other_doubts_counts_for_a_minute_more() {
    let (others, own, start) = (all(&[PARTNER]), set(&[LAN]), now());
    let mut words = Words::default();
    words.claimed(PARTNER, &router(1), &own, start);
    words.probed(PARTNER, router(1), true, start);
    let later = start + CLAIM;
    words.claimed(PARTNER, &router(2), &own, later);
    assert_eq!(words.confirmed(&others, &own), BTreeSet::from([router(1)]));
    words.prune(&own, later + DOUBT);
    assert_eq!(words.confirmed(&others, &own), set(&[]));
}

#[test]
fn of_what_nobody_claims_what_one_alone_says_takes_the_place_of_nothing_that_two_say() {
    let (own, start, second) = (set(&[LAN]), now(), Duration::from_secs(1));
    let mut words = Words::default();
    routed(&mut words, 1, start);
    let many = || (10_u8..30).map(|n| (OrgId([n; 32]), router(u64::from(n)), router(u64::from(n) + 100)));
    for (org, before, _) in many() {
        words.claimed(org, &before, &own, start + second);
        words.probed(org, before, true, start + second);
    }
    let later = start + CLAIM + second;
    for org in [HOSTILE, PARTNER] {
        words.claimed(org, &router(2), &own, later);
    }
    for (org, _, after) in many() {
        words.claimed(org, &after, &own, later);
    }
    assert_eq!(words.reached.len(), limits::OUTSIDE_PAST);
    assert!(words.reached.contains_key(&router(1)));
}

#[test]
fn who_gave_no_answer_said_no_no_and_who_said_no_is_heard_though_it_falls_silent_later() {
    let (others, own, start) = (all(&[HOSTILE, PARTNER, THIRD]), set(&[LAN]), now());
    let (mut words, asked) = (Words::default(), all(&[PARTNER]));
    words.probed(HOSTILE, at(MAPPED), true, start);
    let single = |words: &Words, now| words.single((&others, &asked), &own, now);
    // It answers of other addresses.
    words.probed(PARTNER, router(1), false, start);
    words.unanswered(PARTNER, at(MAPPED), start);
    assert!(words.answers(PARTNER, start));
    assert_eq!(single(&words, start), set(&[MAPPED]));
    words.probed(PARTNER, at(MAPPED), false, start);
    assert_eq!(single(&words, start), set(&[]));
    words.unanswered(PARTNER, at(MAPPED), start + VAIN / 2);
    assert_eq!(single(&words, start + VAIN / 2), set(&[]));
    assert_eq!(single(&words, start + VAIN), set(&[MAPPED]), "it said so an hour ago");
}

#[test]
fn a_link_that_closed_is_no_silence_and_no_stream_to_ask_on_is() {
    let start = now();
    let mut words = Words::default();
    words.gone(PARTNER, start);
    assert!(words.answers(PARTNER, start) && words.paused.contains_key(&PARTNER));
    words.unasked(PARTNER, start);
    assert!(!words.answers(PARTNER, start));
}
