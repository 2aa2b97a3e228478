//! Who plays: organisations of a rural county that does not exist, and further partners where more are asked for.

use belay_protocol::space::control::PartnerKind;

/// One organisation of the story.
#[derive(Debug, Clone)]
pub struct Role {
    pub name: String,
    pub kind: PartnerKind,
    /// Name of the staff member who acts, and what they are.
    pub staff: &'static str,
    pub staff_role: &'static str,
    /// Its listings as HSDS 3 JSON; who offers nothing to the public has none.
    pub listings: Option<&'static str>,
}

/// The emergency department.
pub const EMERGENCY: usize = 0;
/// Takes people on: the clinic with buprenorphine.
pub const CLINIC: usize = 1;
/// The jail's re-entry office.
pub const REENTRY: usize = 2;
/// The peer recovery group, which also keeps the county's resource list.
pub const PEERS: usize = 3;
/// Gives a bed, and needs to know little.
pub const SHELTER: usize = 4;
/// Plays where a story is about release from jail; hears nothing.
pub const PROBATION: usize = 5;

/// The first `count` organisations.
pub fn cast(count: usize) -> Vec<Role> {
    let role = |name: &str, kind, staff, staff_role, listings| Role {
        name: name.to_owned(),
        kind,
        staff,
        staff_role,
        listings: Some(listings),
    };
    let mut cast = vec![
        role(
            "Cedar County Emergency Department",
            PartnerKind::CoveredEntity,
            "Noor",
            "navigator",
            include_str!("data/emergency.json"),
        ),
        role("Mill Creek Clinic", PartnerKind::Part2Program, "Wren", "nurse", include_str!("data/clinic.json")),
        role(
            "Cedar County Jail Re-entry",
            PartnerKind::CriminalJustice,
            "Imani",
            "re-entry officer",
            include_str!("data/reentry.json"),
        ),
        role("Second Path Peer Recovery", PartnerKind::NonCoveredCbo, "Teo", "peer", include_str!("data/peers.json")),
        role(
            "Harbor House Shelter",
            PartnerKind::NonCoveredCbo,
            "Sade",
            "case manager",
            include_str!("data/shelter.json"),
        ),
    ];
    cast.push(Role {
        name: "Cedar County Probation".to_owned(),
        kind: PartnerKind::CriminalJustice,
        staff: "Halden",
        staff_role: "probation officer",
        listings: None,
    });
    for number in cast.len()..count {
        cast.push(Role {
            name: format!("Partner {}", number + 1),
            kind: PartnerKind::Other,
            staff: "Alex",
            staff_role: "staff",
            listings: None,
        });
    }
    cast.truncate(count.max(3));
    cast
}
