//! What is to be agreed, typed as options or written in a file.

use crate::trouble::{Result, Trouble};
use belay_node::api::agreements::{Fields, IntakeFields, NeededFields, TieFields, TieWord};
use belay_protocol::agreement::{Contact, Deadline, Late, NextStep};
use belay_protocol::information::Information;
use belay_protocol::limits;
use data_encoding::BASE64;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Draft {
    /// The other organisation: its id, the beginning of it, or its name
    #[arg(long, value_name = "ORG", required_unless_present = "from")]
    with: Option<String>,
    /// Take everything from this file, in TOML or JSON, with the fields that the guide lists
    #[arg(long, value_name = "FILE", conflicts_with_all = ["include", "exclude", "bring", "late", "to_us"])]
    from: Option<PathBuf>,
    /// The criteria and hours are about referrals to us [default: about referrals to the other]
    #[arg(long)]
    to_us: bool,
    /// Who is taken; may be repeated
    #[arg(long, value_name = "TEXT")]
    include: Vec<String>,
    /// Who is not taken; may be repeated
    #[arg(long, value_name = "TEXT")]
    exclude: Vec<String>,
    /// What must come along, with its form as NAME=FILE where there is one; may be repeated
    #[arg(long, value_name = "NAME[=FILE]")]
    bring: Vec<String>,
    /// Hours until somebody has seen the referral
    #[arg(long, value_name = "HOURS")]
    acknowledge: Option<u16>,
    /// The same where it is urgent
    #[arg(long, value_name = "HOURS")]
    acknowledge_urgent: Option<u16>,
    /// Hours until the first appointment
    #[arg(long, value_name = "HOURS")]
    appointment: Option<u16>,
    /// The same where it is urgent
    #[arg(long, value_name = "HOURS")]
    appointment_urgent: Option<u16>,
    /// Hours from discharge until its summary is sent
    #[arg(long, value_name = "HOURS")]
    summary: Option<u16>,
    /// What happens when a time has passed: DEADLINE:STEP:WHO:NUMBER, as acknowledge:phone:Front desk:618-555-0100
    #[arg(long, value_name = "LATE", value_parser = late)]
    late: Vec<Late>,
    /// Somebody to phone there: NAME:NUMBER:ROLE; the first is the champion
    #[arg(long, value_name = "CONTACT", value_parser = contact)]
    contact: Vec<Contact>,
    /// Somebody to phone here, in the same form
    #[arg(long, value_name = "CONTACT", value_parser = contact)]
    our_contact: Vec<Contact>,
    /// What lets the two tell each other without a consent (42 CFR 2.12(c)(3), (4)): same_program, service or none
    #[arg(long, value_name = "KIND", value_parser = tie_word)]
    tie: Option<TieWord>,
    /// With --tie: the other is the part 2 program, and this organisation serves it [default: this one is]
    #[arg(long, requires = "tie")]
    they_are_the_program: bool,
    /// With --tie: what the one does for the program, or what makes both one
    #[arg(long, value_name = "TEXT", requires = "tie")]
    services: Option<String>,
    /// With --tie: what is needed for that, and nothing else, such as referral,identity
    #[arg(long, value_name = "KINDS", value_delimiter = ',', requires = "tie")]
    information: Vec<Information>,
    /// First day [default: today]
    #[arg(long, value_name = "DATE")]
    begins: Option<String>,
    /// Last day, counted in; an empty text: until it is ended
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Anything else
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
}

impl Draft {
    /// The request, with forms read.
    pub fn fields(self) -> Result<Fields> {
        let mut fields = match &self.from {
            Some(file) => from_file(file)?,
            None => Fields::default(),
        };
        let folder = self.from.as_deref().and_then(Path::parent).unwrap_or_else(|| Path::new("")).to_owned();
        if let Some(with) = &self.with {
            fields.with.clone_from(with);
        }
        if fields.with.trim().is_empty() {
            return Err(
                Trouble::usage("with: is missing").next("the command again with --with ORG, or `with` in the file")
            );
        }
        fields.from = self.begins.clone().or(fields.from);
        fields.until = self.until.clone().or(fields.until);
        fields.note = self.note.clone().or(fields.note);
        fields.their_contacts = champion_first(self.contact.clone()).or(fields.their_contacts);
        fields.our_contacts = champion_first(self.our_contact.clone()).or(fields.our_contacts);
        if let Some(kind) = self.tie {
            fields.tie = Some(TieFields {
                kind: Some(kind),
                they_are_the_program: Some(self.they_are_the_program),
                services: self.services.clone(),
                information: (!self.information.is_empty()).then(|| self.information.clone()),
            });
        }
        let to_us = self.to_us;
        if let Some(intake) = self.intake() {
            *(if to_us { &mut fields.to_us } else { &mut fields.to_them }) = Some(intake);
        }
        for (table, intake) in [("to_them", &mut fields.to_them), ("to_us", &mut fields.to_us)] {
            for needed in intake.iter_mut().filter_map(|intake| intake.needed.as_mut()).flatten() {
                read_form(table, &folder, needed)?;
            }
        }
        Ok(fields)
    }

    fn intake(self) -> Option<IntakeFields> {
        let some = |lines: Vec<String>| (!lines.is_empty()).then_some(lines);
        let hours =
            [self.acknowledge, self.acknowledge_urgent, self.appointment, self.appointment_urgent, self.summary];
        let lists = [self.include.len(), self.exclude.len(), self.bring.len(), self.late.len()];
        if hours.iter().all(Option::is_none) && lists.iter().all(|count| *count == 0) && !self.to_us {
            // A first draft that says nothing else promises the defaults; a later one leaves them as they are. What ties two
            // organisations promises nothing about referrals.
            return (self.from.is_none() && self.tie.is_none()).then(IntakeFields::default);
        }
        let needed = |text: String| match text.split_once('=') {
            Some((name, file)) => NeededFields { name: name.to_owned(), form: Some(file.to_owned()), content: None },
            None => NeededFields { name: text, form: None, content: None },
        };
        Some(IntakeFields {
            inclusion: some(self.include),
            exclusion: some(self.exclude),
            needed: some(self.bring).map(|bring| bring.into_iter().map(needed).collect()),
            acknowledge_hours: self.acknowledge,
            acknowledge_urgent_hours: self.acknowledge_urgent,
            appointment_hours: self.appointment,
            appointment_urgent_hours: self.appointment_urgent,
            summary_hours: self.summary,
            late: (!self.late.is_empty()).then_some(self.late),
        })
    }
}

fn champion_first(mut contacts: Vec<Contact>) -> Option<Vec<Contact>> {
    contacts.first_mut()?.champion = true;
    Some(contacts)
}

/// JSON where it begins with a brace, else TOML. The error names field and line.
fn from_file(file: &Path) -> Result<Fields> {
    let name = file.display();
    let path = file.to_str().ok_or_else(|| Trouble::usage(format!("{name}: the name of this file is not UTF-8")))?;
    let text = crate::words::read(path).map_err(Trouble::usage)?;
    let read = if text.trim_start().starts_with('{') {
        serde_json::from_str(&text).map_err(|error| error.to_string())
    } else {
        toml::from_str(&text).map_err(|error| error.to_string())
    };
    read.map_err(|error| Trouble::usage(format!("{name}: {}", error.trim_end())).next("belay agreement draft --help"))
}

fn read_form(table: &str, folder: &Path, needed: &mut NeededFields) -> Result<()> {
    let Some(form) = needed.form.as_ref().filter(|form| !form.is_empty()) else { return Ok(()) };
    let wrong = |why: String| Trouble::usage(format!("{table}.needed.form: {form}: {why}"));
    let path = folder.join(form);
    let bytes = std::fs::metadata(&path).map_err(|error| wrong(error.to_string()))?.len();
    if bytes > limits::FORM_BYTES as u64 {
        return Err(wrong(format!("has {bytes} bytes; {} fit", limits::FORM_BYTES)));
    }
    let content = std::fs::read(&path).map_err(|error| wrong(error.to_string()))?;
    needed.content = Some(BASE64.encode(&content));
    Ok(())
}

/// `NAME:NUMBER:ROLE`.
fn contact(text: &str) -> std::result::Result<Contact, String> {
    let mut parts = text.splitn(3, ':').map(str::trim);
    match (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) {
        (name, telephone, role) if !name.is_empty() && !telephone.is_empty() => {
            Ok(Contact { name: name.into(), role: role.into(), telephone: telephone.into(), champion: false })
        }
        _ => Err("a contact is NAME:NUMBER:ROLE, the role may be left out".to_owned()),
    }
}

/// Why no consent is needed, or that one is.
fn tie_word(text: &str) -> std::result::Result<TieWord, String> {
    match text {
        "same_program" => Ok(TieWord::SameProgram),
        "service" => Ok(TieWord::Service),
        "none" => Ok(TieWord::None),
        other => Err(format!("`{other}` is none of same_program, service, none")),
    }
}

/// `DEADLINE:STEP:WHO:NUMBER`.
fn late(text: &str) -> std::result::Result<Late, String> {
    let parts: Vec<&str> = text.splitn(4, ':').map(str::trim).collect();
    let deadline = match parts.first().copied().unwrap_or_default() {
        "acknowledge" => Deadline::Acknowledge,
        "appointment" => Deadline::Appointment,
        "summary" => Deadline::Summary,
        other => return Err(format!("deadline: `{other}` is none of acknowledge, appointment, summary")),
    };
    let step = match parts.get(1).copied().unwrap_or_default() {
        "phone" => NextStep::Phone,
        "escalate" => NextStep::Escalate,
        "refer_elsewhere" => NextStep::ReferElsewhere,
        other => return Err(format!("step: `{other}` is none of phone, escalate, refer_elsewhere")),
    };
    match parts.get(2).copied().unwrap_or_default() {
        "" => Err("who: is missing; DEADLINE:STEP:WHO:NUMBER, the number may be left out".to_owned()),
        who => {
            let telephone = parts.get(3).copied().unwrap_or_default().to_owned();
            Ok(Late { deadline, step, who: who.to_owned(), telephone })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
with = "Ridge Clinic"
from = "2027-01-01"
until = "2027-12-31"
their_contacts = [{ name = "Ana", telephone = "618-555-0101", champion = true }]

[to_them]
inclusion = ["adults"]
acknowledge_hours = 4
[[to_them.needed]]
name = "medication list"
form = "list.txt"
[[to_them.late]]
deadline = "acknowledge"
step = "phone"
who = "front desk"
telephone = "618-555-0100"
"#;

    #[test]
    fn the_fields_of_a_file_are_read_and_a_wrong_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("terms.toml");
        std::fs::write(&file, FILE).unwrap();
        std::fs::write(folder.path().join("list.txt"), "medicine, dose").unwrap();
        let mut fields = from_file(&file).unwrap();
        let intake = fields.to_them.as_mut().unwrap();
        assert_eq!((intake.acknowledge_hours, intake.late.as_ref().unwrap()[0].step), (Some(4), NextStep::Phone));
        let needed = &mut intake.needed.as_mut().unwrap()[0];
        read_form("to_them", folder.path(), needed).unwrap();
        assert_eq!(needed.content.as_deref(), Some(BASE64.encode(b"medicine, dose").as_str()));
        for (wrong, named) in [
            ("acknowledge_hours = 4", "acknowledge_hours = \"soon\""),
            ("inclusion", "inclusio"),
            ("step = \"phone\"", "step = \"shout\""),
            ("telephone = \"618-555-0101\", ", ""),
        ] {
            std::fs::write(&file, FILE.replace(wrong, named)).unwrap();
            let message = from_file(&file).unwrap_err().message;
            let field = named.split(['=', ' ']).next().filter(|f| !f.is_empty()).unwrap_or("telephone");
            assert!(message.contains(field), "{message}");
        }
    }

    #[test]
    fn what_happens_late_is_typed_in_one_line() {
        let typed = late("acknowledge:phone:Front desk:618-555-0100").unwrap();
        assert_eq!(
            (typed.deadline, typed.who.as_str(), typed.telephone.as_str()),
            (Deadline::Acknowledge, "Front desk", "618-555-0100")
        );
        assert!(late("soon:phone:x").unwrap_err().starts_with("deadline:"));
        assert!(late("summary:shout:x").unwrap_err().starts_with("step:"));
        assert!(late("summary:escalate").unwrap_err().starts_with("who:"));
        assert!(contact("Ana").is_err());
    }
}
