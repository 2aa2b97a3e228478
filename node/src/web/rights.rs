//! What not everybody who signed in may do: who may has the button, and everybody else one line that says who can.

use super::steps::{On, Step};
use crate::usecases::staff::Rights as Held;

/// What who signed in may do, and who the privacy officers are.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    pub held: Held,
    pub officers: Vec<String>,
}

/// For whom something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    Staff,
    /// The privacy officer alone.
    Officer,
    /// Who may bind this house towards others.
    Binder,
    /// Who reads reports of where referrals go.
    Reader,
}

impl For {
    const ALL: [Self; 4] = [Self::Staff, Self::Officer, Self::Binder, Self::Reader];

    /// Of a step. The use case asks again, and refuses whoever it is not for.
    #[must_use]
    pub fn of(step: &Step) -> Self {
        match (step.on, step.slug) {
            (On::Person, "withhold")
            | (On::Consent, "judge" | "uphold")
            | (On::Thread, "uphold")
            | (On::House, "looks" | "release" | "verify")
            | (On::Opening, "review")
            | (On::Hold, "lift") => Self::Officer,
            (On::Consent, "void") | (On::Agreement, "sign" | "end") => Self::Binder,
            (On::House, "report") => Self::Reader,
            _ => Self::Staff,
        }
    }
}

impl Rights {
    #[must_use]
    pub const fn allow(&self, whom: For) -> bool {
        match whom {
            For::Staff => true,
            For::Officer => self.held.officer,
            For::Binder => self.held.binds,
            For::Reader => self.held.reads_reports,
        }
    }

    /// Who may, by name where that is known.
    fn who(&self, whom: For) -> String {
        let officer = match self.officers.as_slice() {
            [] => "the privacy officer".to_owned(),
            names => format!("the privacy officer ({})", names.join(", ")),
        };
        match whom {
            For::Staff => "everybody who signed in".to_owned(),
            For::Officer => officer,
            For::Binder => format!("a director, an administrator or {officer}"),
            For::Reader => format!("the administrator or {officer}"),
        }
    }

    /// In one line who can, where who signed in may not.
    #[must_use]
    pub fn line(&self, whom: For, what: &str) -> Option<String> {
        (!self.allow(whom)).then(|| format!("For {}: {what}.", self.who(whom)))
    }

    /// The steps that who signed in may do, in their order, and a line for each group of the others.
    #[must_use]
    pub fn sort(&self, steps: impl Iterator<Item = &'static Step>) -> (Vec<&'static Step>, Vec<String>) {
        let (may, others): (Vec<&Step>, Vec<&Step>) = steps.partition(|step| self.allow(For::of(step)));
        let lines = For::ALL.into_iter().filter_map(|whom| {
            let titles = others.iter().filter(|step| For::of(step) == whom).map(|step| step.title);
            let titles: Vec<&str> = titles.collect();
            if titles.is_empty() { None } else { self.line(whom, &titles.join("; ")) }
        });
        let lines = lines.collect();
        (may, lines)
    }
}
