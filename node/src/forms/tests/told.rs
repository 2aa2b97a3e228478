//! Whatever an act tells has a word in what the form says of its kind of information (42 CFR 2.31(a)(3)), in both languages and in the
//! description that goes with the consent. Each field is named, so that a new one does not compile before somebody has found its word.

use crate::forms::Lang;
use crate::forms::consent::kind_of_information;
use belay_protocol::consent::Information;
use belay_protocol::referral::{
    Appointment, Attempt, CheckIn, CheckInPart, Contact, CrisisPlan, Handoff, Identity, Medication, Medicine, Need,
    Request, Seen, Summary, Transition, Why,
};

/// A word of the description, of the English form and of the Spanish one.
type Words = (&'static str, &'static str, &'static str);

fn fields() -> Vec<(Information, Vec<Words>)> {
    let identity = |Identity {
                        name: _,
                        other_names: _,
                        birth_date: _,
                        phones: _,
                        address: _,
                        contact: _,
                        language: _,
                    }: &Identity| {
        vec![
            ("my name", "my name", "mi nombre"),
            ("other names", "other names", "otros nombres"),
            ("date of birth", "birth date", "fecha en que nací"),
            ("telephone", "phone", "teléfono"),
            ("address", "address", "domicilio"),
            ("how to reach me", "how to reach me", "hablar conmigo"),
            ("language", "language", "idioma"),
        ]
    };
    let medicine = |Medicine {
                        name: _,
                        dose: _,
                        prescriber: _,
                        phone: _,
                        last_dose: _,
                        next_dose: _,
                        next_visit: _,
                    }: &Medicine| {
        vec![
            ("medication", "medicine", "medicina"),
            ("doses", "how much", "cuánta"),
            ("prescribes", "prescribes", "receta"),
            ("times", "when", "cuándo"),
            ("next visit", "next visit", "próxima visita"),
        ]
    };
    let medication = |Medication { medicines: _, takes_none: _, allergies: _, note: _ }: &Medication| {
        vec![("allergies", "allergies", "alergias"), ("notes", "notes", "notas")]
    };
    let crisis =
        |CrisisPlan { warning_signs: _, helps: _, avoid: _, contacts: _, naloxone: _, wishes: _ }: &CrisisPlan| {
            vec![
                ("warning signs", "warning signs", "señales"),
                ("what helps", "what helps", "qué me ayuda"),
                ("avoid", "avoid", "evitar"),
                ("naloxone", "naloxone", "naloxona"),
                ("want done", "want done", "quiero que hagan"),
            ]
        };
    let contact =
        |Contact { name: _, phone: _, relation: _ }: &Contact| vec![("whom to call", "who to call", "a quién llamar")];
    let mut told = vec![
        (Information::Identity, identity(&Identity::default())),
        (Information::Medication, medicine(&Medicine::default())),
        (Information::Medication, medication(&Medication::default())),
        (Information::Crisis, crisis(&CrisisPlan::default())),
        (Information::Crisis, contact(&Contact::default())),
    ];
    told.extend(around());
    told
}

/// What happens around a referral has these fields, and no others.
const _: fn(Request, Appointment, Why, Handoff, Transition) = |request, appointment, why, handoff, transition| {
    let Request { service: _, reason: _, urgency: _ } = request;
    let Appointment { at: _, zone: _, place: _, mode: _, note: _ } = appointment;
    let Why { barriers: _, note: _ } = why;
    let Handoff { mode: _, at: _, from: _, to: _, teach_back: _, note: _ } = handoff;
    let Transition { leaving: _, on: _, note: _ } = transition;
};
const _: fn(Seen, Attempt, CheckIn, Need, Summary) = |seen, attempt, check_in, need, summary| {
    let Seen { setting: _, at: _, note: _ } = seen;
    let Attempt { at: _, channel: _, result: _, note: _ } = attempt;
    let CheckIn { stage: _, at: _, part } = check_in;
    match part {
        CheckInPart::Care { in_care: _, satisfaction: _, naloxone_kits: _ }
        | CheckInPart::Social { housing: _, work: _, support: _ }
        | CheckInPart::Symptoms { symptoms: _, note: _ } => {}
    }
    let Need { id: _, rank: _, kind: _, text: _, owner: _, who: _, next: _, status: _ } = need;
    let Summary { kind: _, text: _ } = summary;
};

/// What happens around a referral.
fn around() -> Vec<(Information, Vec<Words>)> {
    vec![
        (
            Information::Referral,
            vec![
                ("why", "why", "por qué"),
                ("accepted", "taken in", "aceptaron"),
                ("appointments", "visits", "citas"),
                ("stood in the way", "got in the way", "impidió"),
                ("took over", "took over", "me atiende"),
                ("ended", "ended", "terminó"),
                ("tries to reach me", "tried to reach me", "me buscaron"),
                ("emergency department", "emergency room", "urgencias"),
                ("in hospital", "hospital", "hospital"),
                ("custody", "jail", "cárcel"),
                ("released", "got out", "salí"),
                ("release or discharge", "what day I get out", "qué día salgo"),
                ("still in care", "still in care", "sigo en el cuidado"),
                ("content", "like it", "me gusta"),
                ("naloxone", "naloxone", "naloxona"),
                ("messages and files", "Notes and files", "Notas y papeles"),
            ],
        ),
        (
            Information::Social,
            vec![
                ("housing", "a home", "casa"),
                ("work", "work", "trabajo"),
                ("support", "stand by me", "apoya"),
                ("who helps", "who helps", "quién ayuda"),
                ("comes next", "comes next", "qué sigue"),
            ],
        ),
        (
            Information::Clinical,
            vec![
                ("symptoms", "symptoms", "síntomas"),
                ("summary", "summary", "resumen"),
                ("diagnosis", "treated for", "me tratan"),
            ],
        ),
    ]
}

#[test]
fn whatever_an_act_tells_has_its_word_in_the_form() {
    for (kind, words) in fields() {
        let (en, es) = (kind_of_information(kind, Lang::En.words()), kind_of_information(kind, Lang::Es.words()));
        for (described, english, spanish) in words {
            assert!(kind.description().contains(described), "{kind}: {described}: {}", kind.description());
            assert!(en.contains(english), "{kind}: {english}: {en}");
            assert!(es.contains(spanish), "{kind}: {spanish}: {es}");
        }
    }
}
