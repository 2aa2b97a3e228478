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

const MAPPED: &str = "/ip4/198.18.0.7/udp/4870/quic-v1";
const LAN: &str = "/ip4/192.168.1.2/udp/4870/quic-v1";

#[test]
fn one_members_word_confirms_no_address_where_another_can_be_asked() {
    let (others, own) = (all(&[HOSTILE, PARTNER, THIRD]), set(&[LAN]));
    let mut words = Words::default();
    words.probed(HOSTILE, at(MAPPED), true);
    words.came(HOSTILE, at(MAPPED));
    assert_eq!(words.confirmed(&others, &own), set(&[]));
    // Nor does that of somebody whom no roster has.
    words.probed(OrgId([9; 32]), at(MAPPED), true);
    assert_eq!(words.confirmed(&others, &own), set(&[]));
    words.probed(PARTNER, at(MAPPED), true);
    assert_eq!(words.confirmed(&others, &own), set(&[MAPPED]));
    // Who is removed has no word any more.
    assert_eq!(words.confirmed(&all(&[PARTNER, THIRD]), &own), set(&[]));
}

#[test]
fn where_only_one_other_is_known_its_word_is_enough_until_there_is_a_second() {
    let own = set(&[LAN]);
    let mut words = Words::default();
    words.probed(HOSTILE, at(MAPPED), true);
    assert_eq!(words.confirmed(&all(&[HOSTILE]), &own), set(&[MAPPED]));
    assert_eq!(words.confirmed(&all(&[HOSTILE, PARTNER]), &own), set(&[]));
}

#[test]
fn who_comes_over_either_transport_to_an_own_address_shows_that_one_comes_there() {
    let (quic, tcp) = ("/ip4/198.18.0.7/udp/4870/quic-v1", "/ip4/198.18.0.7/tcp/4870");
    let others = all(&[HOSTILE, PARTNER]);
    let mut words = Words::default();
    words.came(HOSTILE, at(quic));
    words.came(PARTNER, at(tcp));
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
        (1..=5).for_each(|n| words.probed(org, port(n), true));
        words.came(org, own.clone());
        words.came(org, tcp.clone());
    }
    words.probed(THIRD, port(4), true);
    let confirmed = words.confirmed(&others, &BTreeSet::from([own.clone()]));
    assert_eq!(confirmed, BTreeSet::from([own, port(4), tcp]));
}

#[test]
fn what_one_probed_in_vain_is_not_refuted_where_another_can_be_asked() {
    let others = all(&[HOSTILE, PARTNER, THIRD]);
    let mut words = Words::default();
    words.probed(HOSTILE, at(MAPPED), false);
    assert_eq!(words.refuted(&others), set(&[]));
    words.probed(PARTNER, at(MAPPED), false);
    assert_eq!(words.refuted(&others), set(&[MAPPED]));
    words.came(THIRD, at(MAPPED));
    assert_eq!(words.refuted(&others), set(&[]), "somebody came there");
}

#[test]
fn two_organisations_are_asked_to_probe_and_another_where_one_is_silent_or_says_no() {
    let (others, own, now) = (all(&[HOSTILE, PARTNER, THIRD]), set(&[LAN]), Instant::now());
    let mut words = Words::default();
    words.claimed(HOSTILE, &at(MAPPED), &own, now);
    let asked = |words: &mut Words, now| -> Vec<OrgId> {
        words.ask(&others, &others, now).into_iter().map(|(org, _)| org).collect()
    };
    assert_eq!(asked(&mut words, now), [HOSTILE, PARTNER]);
    assert_eq!(asked(&mut words, now), [], "both are at it");
    words.probed(HOSTILE, at(MAPPED), false);
    assert_eq!(asked(&mut words, now), [THIRD]);
    words.probed(THIRD, at(MAPPED), true);
    // The partner's answer does not come. Nobody is left before that one is asked again.
    let later = now + ANSWER;
    assert_eq!(asked(&mut words, later), []);
    assert_eq!(asked(&mut words, now + SILENT), [PARTNER]);
    words.probed(PARTNER, at(MAPPED), true);
    assert_eq!(words.confirmed(&others, &own), set(&[MAPPED]));
    assert_eq!(asked(&mut words, now + SILENT), []);
}

#[test]
fn who_claims_another_address_every_second_has_no_more_of_them_probed() {
    let (others, own, now) = (all(&[HOSTILE, PARTNER]), set(&[LAN]), Instant::now());
    let mut words = Words::default();
    let mut probed = BTreeSet::new();
    for second in 0..120_u64 {
        let now = now + Duration::from_secs(second);
        words.claimed(HOSTILE, &at(&format!("/ip4/198.18.3.{second}/udp/4870/quic-v1")), &own, now);
        for (org, address) in words.ask(&others, &others, now) {
            probed.insert(address.clone());
            words.probed(org, address, false);
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
        words.probed(org, at(MAPPED), true);
    }
    words.moved();
    assert!(words.is_empty());
    words.claimed(HOSTILE, &at(MAPPED), &own, now);
    assert_eq!(words.confirmed(&others, &own), set(&[]), "one member only says that it sees this node there");
    assert_eq!(words.ask(&others, &others, now).len(), 2, "both are asked anew");
    for org in [HOSTILE, PARTNER] {
        words.probed(org, at(MAPPED), true);
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
        words.probed(org, router(n), true);
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
