//! Who this node is: set up once, checked back, shown.

use crate::api::views::{InitView, OrganisationView};
use crate::api::{Failure, Outcome, Secret};
use crate::config::Folder;
use crate::store::{Passphrase, Store};
use crate::system::System;
use belay_protocol::codec;
use belay_protocol::engine::{Context, Engine, Identity, Step};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::keys::fingerprint::six_words;
use belay_protocol::keys::phrase::Phrase;
use belay_protocol::keys::prekey::PrekeySecret;
use belay_protocol::keys::{NodeKey, RootPublic};
use belay_protocol::limits;
use belay_protocol::random;
use belay_protocol::space::control::{OrgCard, PartnerKind};
use belay_protocol::store::{Draft, Table, View};

/// The organisation's card, in [`Table::Own`].
const CARD: &[u8] = b"card";
/// Whether the recovery phrase was checked back, in [`Table::Own`].
const PHRASE_CHECKED: &[u8] = b"phrase checked";

/// A new recovery phrase from the system's randomness.
#[must_use]
pub fn new_phrase() -> Phrase {
    Phrase::generate(&mut System)
}

/// Numbers of words to ask for, from 1 on: who can say them has written the phrase down.
#[must_use]
pub fn words_to_ask(count: usize) -> Vec<usize> {
    Phrase::ask(&mut System, count)
}

/// Refuses a folder that holds a node already, before anybody is asked for anything.
///
/// # Errors
/// The folder holds one.
pub fn vacant(folder: &Folder) -> Outcome<()> {
    if folder.holds_a_node() {
        return Err(Failure::misuse(format!("{} holds a node already", folder.path().display()))
            .next(format!("belay run --data {0}, or belay init --data with a new folder", folder.path().display())));
    }
    Ok(())
}

/// Makes a node: key, certificate, first prekey, store and private space. Works without a running node; a failure or a crash
/// leaves a folder in which it may be done again. `checked`: the phrase was checked back already.
///
/// # Errors
/// A name that is empty or too long, a folder that holds a node or is in use, a disk that refuses.
pub fn init(
    folder: &Folder,
    passphrase: &Passphrase,
    name: &str,
    kind: PartnerKind,
    phrase: &Phrase,
    checked: bool,
) -> Outcome<InitView> {
    let name = proper_name("the organisation's name", name)?;
    vacant(folder)?;
    let root = phrase.root();
    let key = NodeKey::from_seed(random::array(&mut System));
    let prekey = PrekeySecret::generate(&mut System);
    let now = crate::system::now();
    let certificate = root.certify(&key, prekey.public(), now);
    let card = OrgCard { root: root.public(), name: name.clone(), kind };

    let mut unfinished = Store::create(folder, passphrase)?;
    let store = unfinished.store();
    let writes = {
        let mut draft = Draft::new(store);
        Identity::store(&mut draft, &key, &certificate, &prekey, now)?;
        keep_card(&mut draft, &card);
        if checked {
            keep_checked(&mut draft);
        }
        draft.into_writes()
    };
    store.commit(&writes, true, |_| Ok(()))?;
    let output = {
        let mut engine = Engine::open(store, &mut Context { now, random: &mut System })?;
        let mut random = System;
        let mut step = engine.step(store, Context { now, random: &mut random });
        let founder = root.founder(phrase.recovery().public(), now, step.context().random);
        step.found_private(founder)?;
        step.finish()?
    };
    store.commit(&output.writes, true, |_| Ok(()))?;
    unfinished.finish()?;
    Ok(InitView {
        organisation: OrganisationView { id: root.public().org(), name, kind },
        node: key.id(),
        fingerprint: fingerprint(root.public()),
        data: folder.path().display().to_string(),
        phrase_file: None,
    })
}

/// Notes that the phrase was typed, and was right.
pub(crate) fn keep_checked(draft: &mut Draft<'_>) {
    draft.put(Table::Own, PHRASE_CHECKED, [1]);
}

/// Keeps this organisation's card, where [`init`] lays a store, or a simulator one in memory.
pub fn keep_card(draft: &mut Draft<'_>, card: &OrgCard) {
    draft.put(Table::Own, CARD, codec::encode(card));
}

/// This organisation's card.
///
/// # Errors
/// `Store`.
pub fn card(view: &dyn View) -> Result<OrgCard> {
    let bytes = view.get(Table::Own, CARD)?.ok_or_else(|| Fault::store("the store lacks the organisation's card"))?;
    codec::decode("own card", &bytes).map_err(|f| Fault::store(f.message))
}

/// The same as views show it.
#[must_use]
pub fn organisation(card: &OrgCard) -> OrganisationView {
    OrganisationView { id: card.root.org(), name: card.name.clone(), kind: card.kind }
}

/// Six words of a root key, to compare by telephone.
#[must_use]
pub fn fingerprint(root: RootPublic) -> String {
    six_words(&root.0)
}

/// The private half of the prekey in this node's certificate.
///
/// # Errors
/// `Misuse` where it was destroyed.
pub fn own_prekey(step: &mut Step<'_>) -> Result<PrekeySecret> {
    let (engine, draft) = step.engine();
    let id = engine.identity().certificate().prekey.id();
    engine
        .spaces()
        .prekey(draft, &id)?
        .ok_or_else(|| Fault::misuse("the key for such files was replaced since; ask for an invite by code"))
}

/// Whether these words are this organisation's recovery phrase; notes that they were checked.
///
/// # Errors
/// They are not. Never says which.
pub fn check_phrase(draft: &mut Draft<'_>, phrase: &Secret) -> Outcome<()> {
    let phrase = self::phrase(phrase)?;
    if phrase.root().public() != card(draft)?.root {
        return Err(anothers_phrase());
    }
    keep_checked(draft);
    Ok(())
}

/// The phrase that was typed.
///
/// # Errors
/// Words that are none.
pub fn phrase(typed: &Secret) -> Outcome<Phrase> {
    Phrase::parse(typed.reveal()).map_err(not_the_words)
}

/// What to do where the words that were typed are no phrase.
#[must_use]
pub fn not_the_words(fault: Fault) -> Failure {
    Failure::from(fault).next("the command again, with the 24 words as they stand on the paper, one space between them")
}

/// That the words are a phrase, and not this organisation's.
pub(super) fn anothers_phrase() -> Failure {
    Failure::misuse("these are the words of another organisation's phrase")
        .next("belay status, which names the organisation of this node; then the command again, with the words in its envelope")
}

/// Whether the phrase was ever checked back.
///
/// # Errors
/// `Store`.
pub fn phrase_checked(view: &dyn View) -> Result<bool> {
    Ok(view.get(Table::Own, PHRASE_CHECKED)?.is_some())
}

/// A name without blanks around it, of a length that fits.
///
/// # Errors
/// Empty, too long, or with characters that no name has.
pub fn proper_name(what: &str, name: &str) -> Outcome<String> {
    let name = name.trim();
    if name.is_empty()
        || name.chars().count() > limits::NAME_CHARS
        || name.chars().any(belay_protocol::plain::is_obeyed)
    {
        return Err(Failure::misuse(format!(
            "{what} must have 1 to {} characters and no line breaks",
            limits::NAME_CHARS
        )));
    }
    Ok(name.to_owned())
}
