//! A revocation that is heard where no referral came under the consent: the organisation is named in it and was not referred to yet, or
//! holds a sealed copy for an emergency, or is named nowhere. The form promises that the person may tell the staff of any group on it.
//! Nothing here says whose consent it is, so staff telephone who keeps it; that it was heard is on record, and what lies here for an
//! emergency under that name is let go of, whether anything does or not: the answer is the same, so that nobody learns by it.

use crate::api::care::{HeardAsk, HeardView};
use crate::api::{Failure, Outcome};
use crate::usecases::staff::StaffSession;
use crate::usecases::{calls, emergency, parties, people, project, worklist};
use belay_protocol::consent::Told;
use belay_protocol::disclosure::private::{HeardFor, Phoned};
use belay_protocol::disclosure::{Looked, PrivateBody};
use belay_protocol::engine::Step;

/// Puts on record that the person revoked here, and gives what to say to who keeps the consent, and the number.
///
/// # Errors
/// An organisation that is not known, or ourselves; no name.
pub fn heard_for(step: &mut Step<'_>, session: &StaffSession, ask: &HeardAsk) -> Outcome<HeardView> {
    let own = parties::own(step)?;
    // Who has left the coalition keeps its consents all the same.
    let keeper = parties::once(step, &ask.keeper)?;
    if keeper.org == own.org {
        return Err(Failure::misuse("a consent that is kept here is revoked by its id").next("belay consent list"));
    }
    if ask.name.reveal().trim().is_empty() {
        return Err(Failure::misuse("write down who revoked, by name").next("--name @FILE"));
    }
    people::look(step, session, Looked::Consent, None, None)?;
    let at = step.context().now;
    let told = Told::heard(ask.spoken);
    let heard = HeardFor {
        keeper: keeper.clone(),
        name: ask.name.reveal().trim().into(),
        birth_date: people::day(&ask.birth_date),
        form: ask.form.reveal().trim().into(),
        told,
        by: session.by(),
        at,
    };
    heard.check()?;
    emergency::let_go(step, keeper.org, (&heard.name, &heard.birth_date))?;
    let (says, note) = (calls::heard_says(&heard, &own.name), calls::heard_note(&heard).to_owned());
    let record = step.write_private(&PrivateBody::HeardFor(Box::new(heard)).encode())?;
    project::project_step(step)?;
    Ok(HeardView {
        call: Phoned::heard(record),
        keeper: keeper.name.clone(),
        keeper_id: keeper.org,
        says,
        note,
        phone: worklist::telephone(step, &keeper)?,
    })
}
