//! Staff: who signs in, and the session that every use case about a person asks for.
//!
//! - `secret`: which secrets are none; [`throttle`]: guessing of them

mod secret;
pub mod throttle;

use super::records::{self, Kind};
use crate::api::views::{UserView, UsersView};
use crate::api::{Failure, Outcome, Secret, StaffLogin};
use crate::derive;
use crate::usecases::identity::proper_name;
use crate::usecases::people;
use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{Algorithm, Params, Version};
use belay_protocol::disclosure::private::{Author, Staff};
use belay_protocol::disclosure::{Looked, PrivateBody};
use belay_protocol::engine::Step;
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::StaffId;
use belay_protocol::keys::digest::sha256;
use belay_protocol::random;
use belay_protocol::referral::By;
use belay_protocol::store::View;
use belay_protocol::time::Time;
use zeroize::Zeroizing;

pub use secret::proper;

/// Argon2id for staff: 19 MiB, two passes, some 30 ms; each command of a script pays it.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// That a staff member proved to be who they say. Made by [`StaffSession::open`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffSession {
    id: StaffId,
    name: String,
    /// Of the secret that was proved, as the staff record keeps it: a session ends with its secret.
    proved: [u8; 32],
}

impl StaffSession {
    /// Checks a login against the staff records: [`Claimed::find`] and [`Claimed::prove`] in one, for who has a view and time.
    ///
    /// # Errors
    /// As [`Claimed::prove`].
    pub fn open(view: &dyn View, login: &StaffLogin) -> Outcome<Self> {
        Claimed::find(view, &login.name)?.prove(&login.secret)
    }

    /// Whether this staff member may still sign in, with the secret of then: a session that lives on, as that of a browser, asks at each use.
    ///
    /// # Errors
    /// `Store`.
    pub fn holds(&self, view: &dyn View) -> Outcome<bool> {
        Ok(staff(view)?.iter().any(|s| s.id == self.id && !s.disabled && kept(s) == self.proved))
    }

    /// Somebody who never signed in, for tests of what stands on sessions.
    #[cfg(test)]
    pub(crate) fn invented(id: StaffId, name: &str) -> Self {
        Self { id, name: name.to_owned(), proved: [0; 32] }
    }

    #[must_use]
    pub const fn id(&self) -> StaffId {
        self.id
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The staff member whose name somebody gives who has not proved it.
    fn claimed(staff: &Staff) -> Self {
        Self { id: staff.id, name: called(staff).to_owned(), proved: kept(staff) }
    }

    /// Who acts, as it stands in entries.
    #[must_use]
    pub fn by(&self) -> By {
        By { staff: self.id, name: self.name.as_str().into() }
    }
}

/// Who somebody says they are, before they prove it.
#[derive(Clone)]
pub struct Claimed(Option<Staff>);

impl Claimed {
    /// The staff member of this name who may sign in, or nobody: that is told by [`Claimed::prove`] alone.
    ///
    /// # Errors
    /// `Store`.
    pub fn find(view: &dyn View, name: &str) -> Result<Self> {
        Ok(Self(staff(view)?.into_iter().find(|s| s.name == name.trim() && !s.disabled)))
    }

    /// Puts on record that so many wrong secrets were typed for this name; nothing where it is nobody's.
    ///
    /// # Errors
    /// `Store`.
    pub fn warned(&self, step: &mut Step<'_>) -> Result<()> {
        let Some(staff) = &self.0 else { return Ok(()) };
        let said = "wrong secrets, one after the other".into();
        people::look_for(step, &StaffSession::claimed(staff), Looked::WrongSecrets, &said, Vec::new())
    }

    /// Checks the secret. Takes some 30 ms, after everybody else's: not to be called where others wait, nor with a view in hand.
    ///
    /// # Errors
    /// `NotPermitted`; the same words for a wrong name, a wrong secret and somebody disabled.
    pub fn prove(&self, secret: &Secret) -> Outcome<StaffSession> {
        let refused = || {
            Failure::not_permitted("no staff member signs in with this name and secret")
                .next("belay user list; each staff member has a secret of their own")
        };
        let Some(staff) = &self.0 else {
            // As much work as for a name that is there, so that time tells nothing.
            let _ = hashed(secret, [0; 16]);
            return Err(refused());
        };
        let damaged = || Failure::failed("a staff record is damaged");
        let kept = PasswordHash::new(&staff.secret).map_err(|_| damaged())?;
        let (salt, expected) = (kept.salt.ok_or_else(damaged)?, kept.hash.ok_or_else(damaged)?);
        let params = Params::try_from(&kept).map_err(|_| damaged())?;
        if derived(secret, &salt, params, expected.len())? == expected {
            Ok(StaffSession::claimed(staff))
        } else {
            Err(refused())
        }
    }
}

/// Who writes a staff record: whoever is at the machine, until there was a privacy officer once; then the privacy officer, who signs in.
/// Where none can sign in any more, one is named at the machine: it stays on record, and shows to everybody.
///
/// # Errors
/// `NotPermitted`; `rescue` where there never was a privacy officer, or for another role.
pub fn author(view: &dyn View, session: Option<&StaffSession>, rescue: Option<&str>) -> Outcome<Author> {
    if let Some(session) = session {
        privacy_officer(view, session, "to add staff, to let them sign in or not, and to change another's secret")?;
        return Ok(Author::Officer(session.by()));
    }
    let founded = staff(view)?.iter().any(|staff| names_privacy_officer(&staff.role));
    match (founded, rescue) {
        (false, None) => Ok(Author::Machine),
        (true, Some(role)) if names_privacy_officer(role) => Ok(Author::Rescue),
        (true, None) => Err(Failure::not_permitted("there is a privacy officer, who adds staff and lets them sign in no more")
            .next("the command again with --as OFFICER; if no privacy officer can sign in any more: belay user add NAME --role \"privacy officer\" --rescue")),
        (_, Some(_)) => Err(Failure::misuse("--rescue names a new privacy officer where the one before can not sign in any more")
            .next("belay user list; belay user add NAME --role \"privacy officer\" --rescue")),
    }
}

/// That no login is needed to bind the organisation: there was no privacy officer yet. From then on who may bind it signs in.
///
/// # Errors
/// `NotPermitted`; `Store`.
pub fn unattended(view: &dyn View) -> Outcome<()> {
    if staff(view)?.iter().any(|staff| names_privacy_officer(&staff.role)) {
        return Err(Failure::not_permitted("who signs or ends an agreement for this organisation signs in")
            .next("the command again with --as STAFF: a director, an administrator or the privacy officer"));
    }
    Ok(())
}

/// Who was named privacy officer at the machine, without the secret of one before, since a day: everybody here is to know of it.
///
/// # Errors
/// `Store`.
pub fn rescued(view: &dyn View, since: Time) -> Result<Option<(String, Time)>> {
    let all = staff(view)?.into_iter().filter_map(|staff| Some((staff.name, staff.rescued?)));
    Ok(all.filter(|(_, at)| *at >= since).max_by_key(|(_, at)| *at))
}

/// What a secret is known by while a session lasts: a hash of its salted hash.
fn kept(staff: &Staff) -> [u8; 32] {
    sha256(b"belay staff secret kept v1\0", &[staff.secret.as_bytes()])
}

/// As others read the name.
fn called(staff: &Staff) -> &str {
    if staff.full_name.is_empty() { &staff.name } else { &staff.full_name }
}

/// Adds a staff member. `secret` is a PHC string of [`hash`].
///
/// # Errors
/// A name that is taken, empty or too long.
pub fn add(
    step: &mut Step<'_>,
    author: Author,
    (name, full_name, role): (&str, &str, &str),
    secret: String,
) -> Outcome<UserView> {
    let name = proper_name("the staff member's name", name)?;
    let full_name = full(full_name)?;
    let role = proper_name("the role", role)?;
    if let Some(before) = staff(step)?.iter().find(|s| s.name == name) {
        return Err(if before.disabled {
            Failure::misuse("a staff member of that name is there already, and signs in no more").next(format!(
                "belay user enable \"{name}\", if it is the same person (belay user passwd, for another secret); else another name"
            ))
        } else {
            Failure::misuse("a staff member of that name is there already").next("belay user list")
        });
    }
    let id = StaffId(random::array(step.context().random));
    let at = step.context().now;
    let rescued = (author == Author::Rescue).then_some(at);
    let staff = Staff { id, revision: 1, name, full_name, role, secret, disabled: false, author, at, rescued };
    write(step, &staff)?;
    Ok(view(staff))
}

fn full(name: &str) -> Outcome<String> {
    if name.trim().is_empty() { Ok(String::new()) } else { proper_name("the staff member's full name", name) }
}

/// Writes down how the name of a staff member reads on letters and forms from now on.
///
/// # Errors
/// Nobody of that name; a name that is too long.
pub fn rename(step: &mut Step<'_>, author: Author, name: &str, full_name: &str) -> Outcome<UserView> {
    let (all, at) = (staff(step)?, step.context().now);
    let one = super::named(&all, name, |s| (s.id.to_string(), s.name.clone()), "staff member", "belay user list")?;
    let (revision, full_name) = (officers(one.revision), full(full_name)?);
    let staff = Staff { revision, full_name, author, at, ..one.clone() };
    write(step, &staff)?;
    Ok(view(staff))
}

fn view(staff: Staff) -> UserView {
    let written = match staff.author {
        Author::Officer(by) => by.name.reveal().clone(),
        Author::Machine => "at the machine".to_owned(),
        Author::Rescue => "at the machine, without a privacy officer".to_owned(),
    };
    UserView {
        id: staff.id,
        name: staff.name,
        full_name: staff.full_name,
        role: staff.role,
        enabled: !staff.disabled,
        written,
        at: staff.at,
    }
}

/// Staff, by name.
///
/// # Errors
/// `Store`.
pub fn list(view: &dyn View) -> Outcome<UsersView> {
    let mut users: Vec<UserView> = staff(view)?.into_iter().map(self::view).collect();
    users.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(UsersView { users })
}

/// The role of a staff member, as it was written; empty if there is none such.
///
/// # Errors
/// `Store`.
pub fn role(view: &dyn View, id: StaffId) -> Result<String> {
    Ok(staff(view)?.into_iter().find(|s| s.id == id).map(|s| s.role).unwrap_or_default())
}

/// The role of who reviews emergency access.
pub const PRIVACY_OFFICER: &str = "privacy officer";

/// Whether a role, as it was written, is that of a privacy officer.
#[must_use]
pub fn names_privacy_officer(role: &str) -> bool {
    plain(role) == PRIVACY_OFFICER
}

/// Roles of who may sign for the organisation, besides the privacy officer.
const SIGNATORIES: [&str; 3] = ["director", "executive director", "administrator"];

/// Whom the report of where referrals go is for.
const READERS: [&str; 4] = ["administrator", "admin", PRIVACY_OFFICER, "privacy"];

/// What a member of staff may do that not all may, by the role as it is written now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rights {
    /// Is a privacy officer.
    pub officer: bool,
    /// May bind the organisation towards others.
    pub binds: bool,
    /// Reads where referrals go.
    pub reads_reports: bool,
}

/// What who signed in may do.
///
/// # Errors
/// `Store`.
pub fn rights(view: &dyn View, session: &StaffSession) -> Result<Rights> {
    let role = plain(&role(view, session.id)?);
    let officer = role == PRIVACY_OFFICER;
    let binds = officer || SIGNATORIES.contains(&role.as_str());
    Ok(Rights { officer, binds, reads_reports: READERS.contains(&role.as_str()) })
}

/// A role in the letters by which it is known.
fn plain(role: &str) -> String {
    role.trim().to_lowercase().replace(['-', '_'], " ")
}

/// That who signed in may bind the organisation towards others.
///
/// # Errors
/// `NotPermitted`; `Store`.
pub fn may_bind(view: &dyn View, session: &StaffSession) -> Outcome<()> {
    if rights(view, session)?.binds {
        return Ok(());
    }
    let role = role(view, session.id)?;
    let why = format!(
        "that is for a director, an administrator or the privacy officer, and {} is `{role}` here",
        session.name
    );
    Err(Failure::not_permitted(why).next("ask who is one; or belay user add NAME --role director"))
}

/// Whether who signed in is a privacy officer.
///
/// # Errors
/// `Store`.
pub fn is_privacy_officer(view: &dyn View, session: &StaffSession) -> Result<bool> {
    Ok(names_privacy_officer(&role(view, session.id)?))
}

/// That who signed in is a privacy officer. `what` is theirs alone: the beginning of a sentence.
///
/// # Errors
/// `NotPermitted`; `Store`.
pub fn privacy_officer(view: &dyn View, session: &StaffSession, what: &str) -> Outcome<()> {
    let role = role(view, session.id)?;
    if names_privacy_officer(&role) {
        return Ok(());
    }
    Err(Failure::not_permitted(format!("{what} is for the privacy officer, and {} is `{role}` here", session.name))
        .next("the command again with --as OFFICER, or ask the privacy officer; belay user list says who that is"))
}

/// Every so many revisions one is the officer's.
const OFFICERS: u32 = 1 << 16;

/// The revision of what an officer writes next: above all that staff can say of themselves meanwhile on another machine. So whom an officer
/// lets sign in no more can not undo that by a new secret, however often.
const fn officers(revision: u32) -> u32 {
    (revision / OFFICERS).saturating_add(1).saturating_mul(OFFICERS)
}

/// Lets a staff member sign in no more, or again with the secret of before.
///
/// # Errors
/// Nobody of that name.
pub fn disable(step: &mut Step<'_>, author: Author, name: &str, disabled: bool) -> Outcome<UserView> {
    let (all, at) = (staff(step)?, step.context().now);
    let one = super::named(&all, name, |s| (s.id.to_string(), s.name.clone()), "staff member", "belay user list")?;
    if one.disabled == disabled {
        return Ok(view(one.clone()));
    }
    let staff = Staff { revision: officers(one.revision), disabled, author, at, ..one.clone() };
    write(step, &staff)?;
    Ok(view(staff))
}

/// Gives a staff member another secret: their own, or as the privacy officer another's, who may sign in no more just now. Their sessions end.
/// `secret` is a PHC string of [`hash`].
///
/// # Errors
/// `NotPermitted`; nobody of that name.
pub fn passwd(step: &mut Step<'_>, session: &StaffSession, name: &str, secret: String) -> Outcome<UserView> {
    let all = staff(step)?;
    let one = super::named(&all, name, |s| (s.id.to_string(), s.name.clone()), "staff member", "belay user list")?;
    // Whether they may sign in was not written by who changes their own secret.
    let (revision, author, at) = if one.id == session.id {
        let next = one.revision.saturating_add(1);
        if next.is_multiple_of(OFFICERS) {
            return Err(Failure::misuse("that secret was changed too often by who it is of")
                .next("ask the privacy officer: belay user passwd NAME --as OFFICER"));
        }
        (next, one.author.clone(), one.at)
    } else {
        (officers(one.revision), self::author(step.draft(), Some(session), None)?, step.context().now)
    };
    let staff = Staff { revision, secret, author, at, ..one.clone() };
    write(step, &staff)?;
    Ok(view(staff))
}

/// The PHC string of a new secret, one that is [`proper`]. Takes some 30 ms.
///
/// # Errors
/// The secret could not be kept.
pub fn hash(secret: &Secret) -> Outcome<String> {
    hashed(secret, random::array(&mut crate::system::System))
}

fn hashed(secret: &Secret, salt: [u8; 16]) -> Outcome<String> {
    let failed = |e: &dyn std::fmt::Display| Failure::failed(format!("the secret could not be kept: {e}"));
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|e| failed(&e))?;
    let output = derived(secret, &salt, params.clone(), Params::DEFAULT_OUTPUT_LEN)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: (&params).try_into().map_err(|e| failed(&e))?,
        salt: Some(Salt::new(&salt).map_err(|e| failed(&e))?),
        hash: Some(output),
    };
    Ok(hash.to_string())
}

/// What a secret comes to. Outputs are compared in constant time.
fn derived(secret: &Secret, salt: &[u8], params: Params, bytes: usize) -> Outcome<Output> {
    let failed = |e: &dyn std::fmt::Display| Failure::failed(format!("the secret could not be checked: {e}"));
    let mut out = Zeroizing::new(vec![0; bytes]);
    derive::argon2id(params, secret.reveal().as_bytes(), salt, &mut out).map_err(|e| failed(&e))?;
    Output::new(&out).map_err(|e| failed(&e))
}

fn staff(view: &dyn View) -> Result<Vec<Staff>> {
    records::all(view, Kind::Staff, &[])?
        .into_iter()
        .map(|record| match record.body {
            PrivateBody::Staff(staff) => Ok(staff),
            _ => Err(Fault::store("a staff record holds something else")),
        })
        .collect()
}

fn write(step: &mut Step<'_>, staff: &Staff) -> Result<()> {
    step.write_private(&PrivateBody::Staff(staff.clone()).encode()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_officer_writes_stands_above_all_that_staff_say_of_themselves_on_another_machine() {
        let mut own = 1_u32;
        let officer = officers(own);
        while !(own + 1).is_multiple_of(OFFICERS) {
            own += 1;
        }
        assert!(officer > own && officers(officer) > officer);
    }
}
