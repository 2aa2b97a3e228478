//! What two partners promise each other: criteria, what must come along, response times, and what happens when they pass.

use super::tie::TieTerms;
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{AgreementId, FormHash, OrgId, SpaceId, TermsHash};
use crate::keys::digest::sha256;
use crate::limits;
use crate::time::{HOUR, Local};
use serde::{Deserialize, Serialize};

/// One version of an agreement, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub coalition: SpaceId,
    /// The first is 1.
    pub version: u32,
    /// In rising order of organisation.
    pub sides: [Side; 2],
    /// From this time on, on the clock of who drafted it.
    pub from: Local,
    /// Up to, and not at, this time; `None`: until it is ended. Of a last day, the midnight after it.
    pub until: Option<Local>,
    pub note: String,
    /// What lets one tell the other without a consent; `None`: nothing does.
    pub tie: Option<TieTerms>,
}

/// One of the two, and what it promises to whoever refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    pub org: OrgId,
    pub name: String,
    pub contacts: Vec<Contact>,
    /// `None`: nothing is referred to it under this agreement.
    pub intake: Option<Intake>,
}

/// Somebody to phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub name: String,
    #[serde(default)]
    pub role: String,
    pub telephone: String,
    /// Who stands up for the agreement there.
    #[serde(default)]
    pub champion: bool,
}

/// Whom a side takes, what it needs to know, and how fast it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intake {
    pub inclusion: Vec<String>,
    pub exclusion: Vec<String>,
    /// What must come along with a referral.
    pub needed: Vec<Needed>,
    pub hours: Hours,
    /// What happens when one of the hours has passed, the first thing first.
    pub late: Vec<Late>,
}

/// Information that must come along, or a form to be filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Needed {
    pub name: String,
    pub form: Option<Form>,
}

/// A form, named by its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// The name of its file.
    pub file: String,
    pub sha256: FormHash,
    pub bytes: u32,
    /// A short text stands here; anything else comes in a body of its own.
    pub text: Option<String>,
}

/// What is promised, in hours. Hours run day and night: offices of a region do not open at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// From the referral until somebody has seen it.
    pub acknowledge: u16,
    pub acknowledge_urgent: u16,
    /// From the referral until the first appointment.
    pub appointment: u16,
    pub appointment_urgent: u16,
    /// From the discharge until its summary is sent.
    pub summary: u16,
}

impl Hours {
    /// Where two partners have no agreement. A day to look at a referral, two hours where it is urgent; the first appointment within
    /// 7 days (HEDIS FUA counts day 0 to day 7), within 2 days where it is urgent; a discharge summary within 24 hours (domain S10).
    pub const DEFAULT: Self =
        Self { acknowledge: 24, acknowledge_urgent: 2, appointment: 7 * 24, appointment_urgent: 48, summary: 24 };

    #[must_use]
    pub const fn acknowledge(&self, urgent: bool) -> u64 {
        (if urgent { self.acknowledge_urgent } else { self.acknowledge }) as u64 * HOUR
    }

    #[must_use]
    pub const fn appointment(&self, urgent: bool) -> u64 {
        (if urgent { self.appointment_urgent } else { self.appointment }) as u64 * HOUR
    }

    #[must_use]
    pub const fn summary(&self) -> u64 {
        self.summary as u64 * HOUR
    }

    fn check(&self) -> Result<()> {
        let all = [
            ("acknowledge", self.acknowledge),
            ("acknowledge_urgent", self.acknowledge_urgent),
            ("appointment", self.appointment),
            ("appointment_urgent", self.appointment_urgent),
            ("summary", self.summary),
        ];
        for (field, hours) in all {
            if hours == 0 || hours > limits::AGREED_HOURS {
                let most = limits::AGREED_HOURS;
                return Err(Fault::malformed(format!("{field}: {hours} hours; it must be between 1 and {most}")));
            }
        }
        for (field, urgent, routine) in [
            ("acknowledge_urgent", self.acknowledge_urgent, self.acknowledge),
            ("appointment_urgent", self.appointment_urgent, self.appointment),
        ] {
            if urgent > routine {
                return Err(Fault::malformed(format!(
                    "{field}: {urgent} hours is longer than the {routine} of what is not urgent"
                )));
            }
        }
        Ok(())
    }
}

/// Which of the promised times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deadline {
    Acknowledge,
    Appointment,
    Summary,
}

/// What to do when a time has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStep {
    Phone,
    Escalate,
    ReferElsewhere,
}

/// What was agreed for a time that has passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Late {
    pub deadline: Deadline,
    pub step: NextStep,
    /// Whom to phone or escalate to, or where to refer.
    pub who: String,
    #[serde(default)]
    pub telephone: String,
}

/// The agreement of two organisations in a coalition: whoever of them drafts it, its name is the same.
#[must_use]
pub fn id(coalition: SpaceId, one: OrgId, other: OrgId) -> AgreementId {
    let (low, high) = if one < other { (one, other) } else { (other, one) };
    AgreementId(sha256(b"belay agreement v1\0", &[&coalition.0, &low.0, &high.0]))
}

impl Terms {
    #[must_use]
    pub fn id(&self) -> AgreementId {
        id(self.coalition, self.sides[0].org, self.sides[1].org)
    }

    /// What each side signs.
    #[must_use]
    pub fn hash(&self) -> TermsHash {
        TermsHash(sha256(b"belay terms v1\0", &[&codec::encode(self)]))
    }

    /// The side of an organisation.
    #[must_use]
    pub fn side(&self, org: OrgId) -> Option<&Side> {
        self.sides.iter().find(|side| side.org == org)
    }

    /// The one that is not `org`.
    #[must_use]
    pub fn other(&self, org: OrgId) -> Option<&Side> {
        self.side(org)?;
        self.sides.iter().find(|side| side.org != org)
    }

    /// Every form that is named.
    pub fn forms(&self) -> impl Iterator<Item = &Form> {
        let needed = self.sides.iter().filter_map(|side| side.intake.as_ref()).flat_map(|intake| &intake.needed);
        needed.filter_map(|needed| needed.form.as_ref())
    }

    /// Lengths and order, with the name of the field.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        let [low, high] = &self.sides;
        if low.org >= high.org {
            return Err(Fault::malformed("an agreement has two sides, in order of their ids"));
        }
        if self.version == 0 {
            return Err(Fault::malformed("version: the first is 1"));
        }
        self.from.check()?;
        self.until.map_or(Ok(()), Local::check)?;
        if self.until.is_some_and(|until| until <= self.from) {
            return Err(Fault::malformed("until: the agreement would end before it begins"));
        }
        if self.forms().count() > limits::AGREEMENT_FORMS {
            return Err(Fault::malformed(format!("needed: more than {} forms", limits::AGREEMENT_FORMS)));
        }
        if codec::encode(self).len() > limits::TERMS_BYTES {
            return Err(Fault::malformed(format!(
                "the terms have more than {} bytes; shorten them",
                limits::TERMS_BYTES
            )));
        }
        text("note", &self.note, limits::TEXT_CHARS)?;
        if let Some(tie) = &self.tie {
            tie.check([low.org, high.org])?;
        }
        self.sides.iter().try_for_each(Side::check)
    }
}

impl Side {
    fn check(&self) -> Result<()> {
        text("name", &self.name, limits::NAME_CHARS)?;
        few("contact", self.contacts.len())?;
        for contact in &self.contacts {
            wanted("contact: name", &contact.name)?;
            wanted("contact: telephone", &contact.telephone)?;
            text("contact: role", &contact.role, limits::NAME_CHARS)?;
        }
        self.intake.as_ref().map_or(Ok(()), Intake::check)
    }

    /// Whom to phone first: the champion, else whoever is named first.
    #[must_use]
    pub fn contact(&self) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.champion).or_else(|| self.contacts.first())
    }
}

impl Intake {
    fn check(&self) -> Result<()> {
        self.hours.check()?;
        for (field, lines) in [("inclusion", &self.inclusion), ("exclusion", &self.exclusion)] {
            few(field, lines.len())?;
            lines.iter().try_for_each(|line| text(field, line, limits::CRITERION_CHARS))?;
        }
        few("needed", self.needed.len())?;
        for needed in &self.needed {
            wanted("needed: name", &needed.name)?;
            if let Some(form) = &needed.form {
                form.check()?;
            }
        }
        few("late", self.late.len())?;
        for late in &self.late {
            wanted("late: who", &late.who)?;
            text("late: telephone", &late.telephone, limits::NAME_CHARS)?;
        }
        Ok(())
    }

    /// What was agreed for a time that has passed, the first thing first.
    pub fn late(&self, deadline: Deadline) -> impl Iterator<Item = &Late> {
        self.late.iter().filter(move |late| late.deadline == deadline)
    }
}

impl Form {
    /// Names a form; the content is carried by the terms themselves if it is a short text.
    ///
    /// # Errors
    /// `Misuse` if it is empty or too large.
    pub fn new(file: &str, content: &[u8]) -> Result<Self> {
        let bytes = u32::try_from(content.len()).unwrap_or(u32::MAX);
        if content.is_empty() || content.len() > limits::FORM_BYTES {
            return Err(Fault::misuse(format!("the form {file} has {bytes} bytes; 1 to {} fit", limits::FORM_BYTES)));
        }
        let text = std::str::from_utf8(content).ok().filter(|text| text.len() <= limits::FORM_TEXT_BYTES);
        let form = Self { file: file.to_owned(), sha256: digest(content), bytes, text: text.map(str::to_owned) };
        form.check().map(|()| form)
    }

    /// The name of a form's bytes.
    #[must_use]
    pub fn name(content: &[u8]) -> FormHash {
        digest(content)
    }

    /// Whether these are its bytes.
    #[must_use]
    pub fn is(&self, content: &[u8]) -> bool {
        self.bytes as usize == content.len() && self.sha256 == digest(content)
    }

    fn check(&self) -> Result<()> {
        wanted("needed: form", &self.file)?;
        if self.bytes as usize > limits::FORM_BYTES {
            return Err(Fault::malformed("needed: form: too large"));
        }
        match &self.text {
            Some(text) if text.len() > limits::FORM_TEXT_BYTES || !self.is(text.as_bytes()) => {
                Err(Fault::malformed("needed: form: its text is not what its hash names"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

pub(super) fn digest(content: &[u8]) -> FormHash {
    FormHash(sha256(b"", &[content]))
}

pub(super) fn text(field: &str, text: &str, most: usize) -> Result<()> {
    if text.chars().count() > most {
        return Err(Fault::malformed(format!("{field}: more than {most} characters; shorten it")));
    }
    Ok(())
}

fn wanted(field: &str, value: &str) -> Result<()> {
    if value.trim().is_empty() {
        return Err(Fault::malformed(format!("{field}: is missing")));
    }
    text(field, value, limits::NAME_CHARS)
}

fn few(field: &str, count: usize) -> Result<()> {
    if count > limits::AGREED_LINES {
        return Err(Fault::malformed(format!("{field}: {count} of them; {} fit", limits::AGREED_LINES)));
    }
    Ok(())
}
