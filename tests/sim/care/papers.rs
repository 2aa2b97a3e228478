//! Partners who are not on the network, told by letter and heard by telephone; and inquiries that name nobody.

use super::check::describe;
use super::consents::{another, consent, somebody};
use super::county::County;
use super::model::{Asked, Consent, Letter, Org};
use super::words;
use belay_node::api::care::{
    ActRequest, Care, DisclosuresAsk, DisclosuresView, Inquire, InquiriesView, InquiryView, LetterAsk, LetterView,
    PartnerFields, PartnerView, Refer, Send, ThreadView,
};
use belay_protocol::referral::inquiry::{AgeBand, Inquiry, Language, Medication, Need, Payer, Reply, Wanted, Within};
use belay_protocol::referral::{Information, Urgency};
use belay_protocol::space::control::PartnerKind;

/// The partner off the network that an organisation keeps, added when it is first needed.
pub fn partner(county: &mut County, own: Org) -> Option<Org> {
    let number = County::outside(own);
    if !county.partners.values().any(|org| *org == number) {
        let fields = PartnerFields {
            name: County::name(number),
            kind: Some(PartnerKind::NonCoveredCbo),
            telephone: "606-555-0177".to_owned(),
            ..PartnerFields::default()
        };
        let view: PartnerView = county.ask(own, &Care::PartnerAdd(fields))?;
        county.partners.insert(view.id, number);
    }
    Some(number)
}

/// A referral by letter under a consent that names the partner, signed or not.
pub fn refer(county: &mut County) {
    let named = |consent: &Consent| {
        let to = County::outside(consent.keeper);
        let signed = consent.rulings.iter().flat_map(|ruling| &ruling.state.terms.ways);
        let drafted = consent.draft.iter().flat_map(|(terms, _)| &terms.ways);
        signed.chain(drafted).any(|way| way.to == to)
    };
    let Some(at) = consent(county, named) else { return };
    let of = county.model.consents[at].clone();
    let (own, to, now) = (of.keeper, County::outside(of.keeper), county.clock(of.keeper));
    let reason = county.model.word(own, "reason of a letter");
    county.model.facts[reason].late = county.model.ended(at, to, now);
    let whole = county.model.keeper_may(at, to, Information::Referral, false, now);
    if whole {
        county.model.refer(at, to, reason, (None, now));
    }
    county.tell(format!("{} refers by letter under consent {at}", County::name(own)));
    let send = Send::new(of.id, words::personal(reason), Urgency::Urgent);
    let send = Send { again: true, ..send };
    let ask = Care::ReferralRefer(Refer { partner: Some(County::name(to)), ..Refer::new(true, send) });
    let Some(view) = county.ask::<ThreadView>(own, &ask) else { return };
    if !whole {
        county.breaks(format!("2: a letter goes under consent {at}, which does not let it"));
    }
    county.count("referrals by letter");
    county.model.letters.push(Letter { id: view.row.id.to_string(), consent: at, own, to });
}

/// A letter of an organisation whose node runs.
fn one(county: &mut County) -> Option<Letter> {
    let up: Vec<usize> =
        (0..county.model.letters.len()).filter(|at| county.up(county.model.letters[*at].own)).collect();
    county.rng.pick(&up).map(|at| county.model.letters[*at].clone())
}

/// It is printed (again): what stands in it the partner may know, and it is on record.
pub fn print(county: &mut County) {
    let Some(letter) = one(county) else { return };
    let Letter { id, consent, own, to } = letter;
    let may = county.model.keeper_may(consent, to, Information::Referral, false, county.clock(own));
    county.tell(format!("{} prints a letter under consent {consent}, which it {}", County::name(own), may_or_not(may)));
    let ask = Care::ReferralLetter(LetterAsk { thread: id, ..LetterAsk::default() });
    let Some(view) = county.ask::<LetterView>(own, &ask) else { return };
    if !may {
        county.breaks(format!("3: a letter is printed under consent {consent}, which does not let it"));
    }
    county.count("letters printed");
    let mut said = words::found(view.text.reveal().as_bytes());
    said.extend(words::found(view.html.reveal().as_bytes()));
    for word in said {
        if !county.model.facts[word].see.contains(&to) {
            let what = describe(county, word);
            county.breaks(format!("2: a letter to {} says {what}", County::name(to)));
        }
    }
    let consent = county.model.consents[consent].id.clone();
    let ask = Care::Disclosures(DisclosuresAsk::to(&County::name(to)));
    let told = county.ask::<DisclosuresView>(own, &ask).map(|view| view.disclosures).unwrap_or_default();
    if !told.iter().any(|row| row.consent.to_string() == consent) {
        county.breaks(format!("7: a letter of {} is on no record", County::name(own)));
    }
}

pub const fn may_or_not(may: bool) -> &'static str {
    if may { "may" } else { "may not" }
}

/// Somebody there says something by telephone: only if the consent lets them.
pub fn hear(county: &mut County) {
    let Some(Letter { id, consent, own, to }) = one(county) else { return };
    let (note, who) = (county.model.word(own, "note of a call"), county.model.word(own, "who called"));
    let kinds = &county.model.kinds;
    let now = county.clock(own);
    let state = county.model.consents[consent].state();
    let may = state.is_some_and(|state| state.permits(kinds, to, own, Information::Referral, false, now))
        && !county.model.consents[consent].suspended;
    let act = ActRequest::Accept { note: words::personal(note) };
    county.tell(format!("{} hears by telephone under consent {consent}, which {}", County::name(own), may_or_not(may)));
    let ask = Care::ReferralHeard { thread: id, act, from: words::personal(who) };
    if county.ask::<ThreadView>(own, &ask).is_some() {
        county.count("partners heard by telephone");
        if !may {
            county.breaks(format!("2: what {} may not tell is taken down", County::name(to)));
        }
    }
}

fn question() -> Inquiry {
    Inquiry {
        wanted: Wanted::RecoveryHousing,
        age: AgeBand::From35,
        payer: Payer::Medicaid,
        medication: Medication::Buprenorphine,
        needs: [Need::Wheelchair].into(),
        urgency: Urgency::Urgent,
        language: Language::Spanish,
        within: Within::Days3,
    }
}

/// "Could you take somebody like this?", to one or two: without a consent, and without a name.
pub fn inquire(county: &mut County) {
    let Some(own) = somebody(county) else { return };
    let Some(first) = another(county, &[own]) else { return };
    let mut to = vec![first];
    to.extend(another(county, &[own, first]).filter(|_| county.rng.chance(60)));
    county.tell(format!("{} asks {to:?}, naming nobody", County::name(own)));
    let names = to.iter().map(|org| County::name(*org)).collect();
    let ask = Care::Inquire(Inquire { to: names, asked: question() });
    let Some(view) = county.ask::<InquiriesView>(own, &ask) else { return };
    county.count("inquiries");
    for inquiry in view.inquiries {
        let asked = county.org(inquiry.other).unwrap();
        county.model.inquiries.push(Asked { space: inquiry.id, to: asked });
    }
}

pub fn answer(county: &mut County) {
    let up: Vec<usize> =
        (0..county.model.inquiries.len()).filter(|at| county.up(county.model.inquiries[*at].to)).collect();
    let Some(at) = county.rng.pick(&up).copied() else { return };
    let Asked { space, to } = county.model.inquiries[at];
    let ask = Care::InquiryAnswer { inquiry: space.to_string(), reply: Reply::Yes, from: None };
    county.tell(format!("{} answers", County::name(to)));
    if county.ask::<InquiryView>(to, &ask).is_some() {
        county.count("inquiries answered");
    }
}

/// Each inquiry reaches the one whom it asks.
pub fn apart(county: &mut County) {
    for at in 0..county.model.inquiries.len() {
        let Asked { space, to } = county.model.inquiries[at];
        let others = county.seen.audience.get(&space).is_some_and(|audience| audience.iter().any(|org| *org != to));
        if others {
            county.breaks(format!("2: an inquiry to {} is shared with another", County::name(to)));
        }
    }
}
