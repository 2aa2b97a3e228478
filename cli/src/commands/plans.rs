//! The crisis plan and the medication as forms: of a person, and in a referral.

use crate::commands::before::stand_in;
use crate::fields::fill;
use crate::trouble::Result;
use belay_node::api::care::{MedicationRequest, PlanRequest};
use belay_node::system;
use belay_protocol::referral::{Contact, Medicine};
use belay_protocol::sensitive::Personal;

/// The crisis and recurrence plan.
#[derive(Debug, clap::Args)]
pub struct CrisisForm {
    /// File with a field a line, such as `naloxone: in the kitchen`, or `-` for standard input [default: asked for]
    ///
    /// Fields: warning signs, helps, avoid, contact, naloxone, wishes. A contact is `name; telephone; relation`, and may come
    /// more than once, the first to call first. What is left out or empty stays as it was.
    #[arg(long, value_name = "F")]
    from: Option<String>,
    /// Take a field away, such as `contact` for everybody to call; what is neither written nor taken away stays
    #[arg(long, value_name = "FIELD", value_parser = PLAN)]
    clear: Vec<String>,
}

/// The present medication.
#[derive(Debug, clap::Args)]
pub struct MedicationForm {
    /// File with a field a line, such as `medicine: methadone`, or `-` for standard input [default: asked for]
    ///
    /// Fields: medicine, dose, prescriber, phone, last dose, next dose, next visit, allergies, note. Each `medicine` begins a
    /// new one, to which the lines after it belong; times are such as 2026-11-24T10:00:00-06:00. What is left out or empty stays as
    /// it was.
    #[arg(long, value_name = "F")]
    from: Option<String>,
    /// Take a field away; what is neither written nor taken away stays
    #[arg(long, value_name = "FIELD", value_parser = ["allergies", "note"])]
    clear: Vec<String>,
}

const PLAN: [&str; 6] = ["warning signs", "helps", "avoid", "contact", "naloxone", "wishes"];
const MEDICATION: [&str; 10] =
    ["medicine", "dose", "prescriber", "phone", "last dose", "next dose", "next visit", "none", "allergies", "note"];

/// What was written into a field; nothing there leaves it as it was.
fn written(value: &str) -> Option<Personal<String>> {
    Some(value).filter(|value| !value.is_empty()).map(Personal::from)
}

/// The shortest in which something is written, as it is asked for before anybody types it: what stands may be too long for a copy, and is
/// written shorter.
pub fn crisis_to_come() -> PlanRequest {
    let none = || Some(Personal::default());
    PlanRequest {
        warning_signs: none(),
        helps: Some(stand_in()),
        avoid: none(),
        contacts: Some(Vec::new()),
        naloxone: none(),
        wishes: none(),
    }
}

/// As [`crisis_to_come`].
pub fn medication_to_come() -> MedicationRequest {
    let medicine = Medicine { name: stand_in(), ..Medicine::default() };
    let none = || Some(Personal::default());
    MedicationRequest { medicines: Some(vec![medicine]), takes_none: false, allergies: none(), note: none() }
}

impl CrisisForm {
    /// It has to be typed.
    pub fn is_typed(&self) -> bool {
        self.from.is_none() && self.clear.is_empty()
    }

    /// What is asked for. `command`: what it is typed after.
    pub fn read(self, command: &str) -> Result<PlanRequest> {
        crisis(self.from, &self.clear, command)
    }
}

impl MedicationForm {
    /// As [`CrisisForm::is_typed`].
    pub fn is_typed(&self) -> bool {
        self.from.is_none() && self.clear.is_empty()
    }

    /// As [`CrisisForm::read`].
    pub fn read(self, command: &str) -> Result<MedicationRequest> {
        medication(self.from, &self.clear, command)
    }
}

fn crisis(from: Option<String>, clear: &[String], command: &str) -> Result<PlanRequest> {
    let mut plan = PlanRequest::default();
    let mut set = |name: &str, value: &str| {
        match name {
            "warning signs" => plan.warning_signs = written(value),
            "helps" => plan.helps = written(value),
            "avoid" => plan.avoid = written(value),
            "naloxone" => plan.naloxone = written(value),
            "wishes" => plan.wishes = written(value),
            "contact" if value.is_empty() => {}
            "contact" => plan.contacts.get_or_insert_default().push(contact(value)?),
            _ => return Ok(false),
        }
        Ok(true)
    };
    // Who only takes something away is not asked for the rest.
    if from.is_some() || clear.is_empty() {
        fill(from, &PLAN, &format!("{command} --from FILE"), &mut set)?;
    }
    let empty = || Some(Personal::default());
    for name in clear {
        match name.as_str() {
            "warning signs" => plan.warning_signs = empty(),
            "helps" => plan.helps = empty(),
            "avoid" => plan.avoid = empty(),
            "naloxone" => plan.naloxone = empty(),
            "wishes" => plan.wishes = empty(),
            _ => plan.contacts = Some(Vec::new()),
        }
    }
    Ok(plan)
}

/// `name; telephone; relation`. Commas do as well where a number stands in the second part: `Wick, Mae` is a name.
fn contact(value: &str) -> std::result::Result<Contact, String> {
    let by = |mark: char| value.split(mark).map(str::trim).collect::<Vec<_>>();
    let numbered = |parts: &[&str]| parts.get(1).is_some_and(|phone| phone.contains(|c: char| c.is_ascii_digit()));
    let parts = match (value.contains(';'), by(',')) {
        (false, parts) if numbered(&parts) => parts,
        _ => by(';'),
    };
    if parts.len() > 3 {
        return Err("a contact is `name; telephone; relation`, and each further one a line of its own".to_owned());
    }
    let mut parts = parts.into_iter().map(Personal::from);
    let mut part = || parts.next().unwrap_or_default();
    Ok(Contact { name: part(), phone: part(), relation: part() })
}

fn medication(from: Option<String>, clear: &[String], command: &str) -> Result<MedicationRequest> {
    let mut list = MedicationRequest::default();
    let mut set = |name: &str, value: &str| {
        match name {
            "allergies" => list.allergies = written(value),
            "note" => list.note = written(value),
            "none" if matches!(value, "" | "no" | "yes") => list.takes_none = value == "yes",
            "none" => {
                return Err("`none` is `yes` where the person was asked and takes nothing, else `no`".to_owned());
            }
            "medicine" if value.is_empty() => {}
            "medicine" => {
                list.medicines.get_or_insert_default().push(Medicine { name: value.into(), ..Medicine::default() });
            }
            _ if !MEDICATION.contains(&name) => return Ok(false),
            _ if value.is_empty() => {}
            _ => {
                let Some(of) = list.medicines.as_mut().and_then(|medicines| medicines.last_mut()) else {
                    return Ok(false);
                };
                let text = Personal::from(value);
                match (name, system::begin(value)) {
                    ("dose", _) => of.dose = text,
                    ("prescriber", _) => of.prescriber = text,
                    ("phone", _) => of.phone = text,
                    ("last dose", Ok(at)) => of.last_dose = Some(at),
                    ("next dose", Ok(at)) => of.next_dose = Some(at),
                    ("next visit", Ok(at)) => of.next_visit = Some(at),
                    _ => return Err(format!("`{name}` is a time, such as 2026-11-24T10:00 or 11/24/2026 10:00")),
                }
            }
        }
        Ok(true)
    };
    if from.is_some() || clear.is_empty() {
        fill(from, &MEDICATION, &format!("{command} --from FILE"), &mut set)?;
    }
    for name in clear {
        match name.as_str() {
            "allergies" => list.allergies = Some(Personal::default()),
            _ => list.note = Some(Personal::default()),
        }
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_read_as_it_is_shown_and_as_it_is_asked_for() {
        let parts = |value: &str| {
            let Contact { name, phone, relation } = contact(value)?;
            Ok::<_, String>([name, phone, relation].map(|part| part.reveal().clone()))
        };
        let mae = ["Mae Wick", "606-555-0111", "sister"].map(str::to_owned);
        assert_eq!(parts("Mae Wick; 606-555-0111; sister"), Ok(mae.clone()));
        assert_eq!(parts("Mae Wick, 606-555-0111, sister"), Ok(mae));
        assert_eq!(parts("Wick, Mae"), Ok(["Wick, Mae", "", ""].map(str::to_owned)));
        assert_eq!(parts("Wick, Mae; ; sister"), Ok(["Wick, Mae", "", "sister"].map(str::to_owned)));
        assert!(parts("Mae Wick; 606-555-0111; sister; Joe").is_err());
    }
}
