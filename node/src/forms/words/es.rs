//! The strings of all forms in Spanish: our own translation, which no lawyer has read. `Yo` is the person; in letters `nosotros`
//! is the organisation that writes.

use super::Words;
use belay_protocol::consent::words::{REVOKE, REVOKE_LATER, TPO_REFUSING};

pub static ES: Words = Words {
    months: "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    date: "{day} de {month} de {year}",
    unnamed: "sin nombre",
    no_address: "sin domicilio",
    no_phone: "sin teléfono",
    no_birth_date: "no se sabe o no se dijo",
    no_language: "no se dijo",
    none_given: "Nada.",
    and_then: "{one}, {two}",

    kind_part2_program: "programa de tratamiento de drogas y alcohol",
    kind_covered_entity: "clínica, hospital u otro servicio de salud",
    kind_business_associate: "trabaja para un servicio de salud",
    kind_non_covered_cbo: "grupo de la comunidad",
    kind_criminal_justice: "corte, cárcel o libertad condicional",
    kind_law_enforcement: "policía o socorristas",
    kind_child_welfare: "oficina de protección de menores",
    kind_health_plan: "seguro de salud",
    kind_other: "otro grupo",
    next_hipaa: "Lo que recibe para mi cuidado, para pagarlo y para ayudar a darlo lo puede volver a dar si la ley de salud \
                 (HIPAA) lo deja. Lo demás no lo puede pasar, a menos que yo diga que sí. No puede usar mis datos contra mí \
                 en la corte.",
    next_program: "Puede volver a dar mis datos solo si yo dije que sí.",
    next_justice: "Puede usar los datos solo para su trabajo con mi libertad. No los puede usar para otra cosa.",
    next_contractor: "No puede pasar mis datos a nadie, a menos que yo diga que sí. Pero lo que recibe para pagar mi cuidado o \
                      para ayudar a darlo lo puede ver quien hace ese trabajo por contrato escrito.",
    next_none: "No puede pasar mis datos a nadie, a menos que yo diga que sí.",

    information_referral: "que me mandaron a buscar ayuda por drogas o alcohol, y por qué. También: si me aceptaron, mis \
                           citas, si llegué y qué lo impidió, quién me atiende después y cómo terminó. Si me vieron en \
                           urgencias, en un hospital o en la cárcel, o si salí, y qué día salgo. Cuándo me buscaron. Si \
                           sigo en el cuidado, si me gusta, y la naloxona que me dieron. Notas y papeles sobre todo esto",
    information_identity: "mi nombre, otros nombres, fecha en que nací, teléfono, domicilio, idioma y cómo hablar conmigo",
    information_medication: "la medicina que tomo ahora por drogas o alcohol, cuánta y cuándo, quién la receta, mi próxima \
                             visita, mis alergias y notas sobre eso",
    information_clinical: "de qué me tratan, cómo voy, mis síntomas y un resumen de mi cuidado por drogas o alcohol. Las \
                           notas de las charlas con mi consejero no son parte de esto",
    information_social: "qué más me hace falta, como casa, transporte, trabajo, comida y gente que me apoya, quién ayuda con \
                         eso y qué sigue",
    information_crisis: "mi plan de crisis: señales de alerta, a quién llamar, qué me ayuda, qué evitar, dónde está mi \
                         naloxona y qué quiero que hagan",
    information_inquiry: "una pregunta sobre un lugar que no dice quién soy",
    information_counselling: "lo que mi consejero anotó de lo que hablamos",
    information_other: "otros datos que esta hoja nombra",
    purpose_treatment: "para mi cuidado",
    purpose_payment: "para pagar mi cuidado",
    purpose_operations: "para ayudar a dar y revisar el cuidado",
    purpose_tpo: "para mi cuidado, para pagarlo y para ayudar a darlo y revisarlo",
    purpose_at_request: "porque yo lo pido",
    purpose_emergency: "para ayudarme en una emergencia",
    purpose_proceedings: "para un solo caso o audiencia",
    purpose_supervision: "para mostrar que sigo mi cuidado, como pide mi libertad",
    purpose_fundraising: "para juntar dinero para el programa",

    consent_title: "Mi permiso para compartir mis datos de salud",
    consent_intro: "Esta hoja dice quién puede dar datos sobre mí, a quién y para qué. Trata de mi ayuda por drogas o \
                    alcohol. Nadie puede dar estos datos de otro modo, a menos que la ley lo deje.",
    consent_choice: "Yo decido si firmo. Para firmar no necesito papeles, teléfono ni casa. Puedo pedir ayuda para leer esta \
                     hoja. Me dan una copia.",
    consent_void: "Esta hoja ya no vale. La retiré el {date}.",
    consent_heard_spoken: "Se lo dije a {who}.",
    consent_heard_written: "Se lo di por escrito a {who}.",
    consent_void_since: "Esta hoja no vale. Desde el {date} se sabe que algo en ella no era cierto.",
    consent_expired: "Esta hoja ya terminó. Nadie puede dar más datos con ella.",
    consent_who: "Quién soy",
    consent_disclosers: "Quién puede dar datos",
    consent_disclosers_text: "Estos grupos pueden dar datos sobre mí:",
    consent_information: "Qué datos pueden dar",
    consent_information_text: "Pueden dar solo esto:",
    consent_recipients: "Quién puede recibir datos",
    consent_recipients_text: "Estos grupos pueden recibir datos sobre mí:",
    consent_ways: "Quién puede decir qué a quién",
    consent_way: "{from} puede decir a {to}: {what}. Para qué: {why}.",
    consent_way_placed: "{from} puede dejar esto en {to}: {what}, con mi nombre, otros nombres y fecha en que nací. Queda sellado \
                         allí desde hoy. {to} tiene la llave. Se abre solo en una emergencia. Para qué: {why}.",
    consent_placed: "con lo que se guarda para una emergencia: mi nombre, otros nombres y fecha en que nací",
    consent_purposes: "Para qué los pueden dar",
    consent_redisclosure: "Si los datos se vuelven a dar",
    consent_redisclosure_text: "La ley pide palabras como las de abajo, en inglés. Quieren decir: una clínica, un hospital o un \
                                seguro de salud puede volver a dar mis datos, como lo deja la ley de salud (HIPAA). Nadie \
                                los puede usar contra mí en la corte ni en un caso legal.",
    consent_revoke: "Puedo cambiar de idea",
    consent_revoke_text: "Puedo retirar mi permiso cuando yo quiera. Puedo escribir a cualquier grupo de esta hoja o decirlo \
                          a su gente. Dejan de dar mis datos en cuanto lo saben. Lo que ya se dio no se puede recoger.",
    consent_expiry: "Cuándo termina",
    consent_expiry_on: "Mi permiso dura hasta el final del día {date}.",
    consent_expiry_at: "Mi permiso termina el {date}, a las {time}.",
    consent_expiry_event: "Mi permiso termina cuando pase esto: {event}.",
    consent_expiry_never: "Mi permiso no tiene fecha final. Vale hasta que yo lo retire.",
    consent_expiry_missing: "Todavía no está escrito cuándo termina.",
    consent_tpo: "Lo que la ley quiere que yo sepa",
    consent_tpo_text: "Las primeras palabras de abajo, en inglés, quieren decir: quien recibe mis datos los puede volver a \
                       dar. Entonces puede ser que esta ley tan estricta ya no los cuide.",
    consent_refuse_text: "Las otras palabras dicen qué pasa si no firmo. Los grupos de esta hoja no pueden hablar entre \
                          ellos sobre mí, y tal vez yo los tenga que llamar. En una emergencia me atienden igual.",
    consent_sign: "Mi nombre y mi permiso",
    consent_sign_text: "Leí esta hoja, o alguien me la leyó. Sé lo que quiere decir. Digo que sí.",
    consent_attestation: "Escribí mi nombre como mi firma y quiero que cuente como tal.",
    consent_signed_typed: "Se firmó en pantalla. El nombre se escribió así: {name}.",
    consent_signed_drawn: "Se firmó a mano en pantalla. La imagen se guarda con esta hoja ({mark}).",
    consent_signed_paper: "Se firmó en papel. El papel está aquí: {where}.",
    consent_signed_scan: "Se firmó en papel. Se guarda una copia con esta hoja ({mark}).",
    consent_signed_by: "Firmé yo esta hoja.",
    consent_signed_for: "{name} firmó por mí, como: {capacity}.",
    consent_signed_on: "Se firmó el {date}.",
    consent_change_waits: "Hay un cambio a esta hoja (número {version}) sin firma. Hasta que se firme, esta hoja vale como está.",
    consent_not_signed: "Todavía no hay firma. Nadie puede dar datos con esta hoja.",
    consent_missing: "(falta llenar)",
    consent_withdrawn: "El {date} retiré mi permiso para {name}. Lo demás sigue igual.",
    consent_keep: "Guarde esta copia. Usted decide quién la ve.",
    consent_number: "Hoja {id}, número {version}.",
    class_counselling: "Esta hoja es solo para las notas de mi consejero sobre nuestras charlas. Recibo mi cuidado aunque no \
                        firme.",
    class_proceedings: "Esta hoja es solo para el caso que nombra. No vale para otra cosa.",
    class_criminal_justice: "Esta hoja es para quien tiene que ver que yo siga mi cuidado, porque de eso depende mi libertad.",
    consent_revoke_later_text: "Este permiso no lo puedo retirar cuando yo quiera. Lo puedo retirar desde el día o el hecho \
                                de abajo, y en todo caso cuando mi caso termine. Entonces puedo escribir a cualquier \
                                grupo de esta hoja o decirlo a su gente.",
    consent_proceeding: "El único caso o audiencia para el que es",
    consent_matter: "Mi caso",
    consent_matter_is: "Se trata de esto: {matter}.",
    consent_from_on: "Puedo retirar mi permiso desde el {date}.",
    consent_from_event: "Puedo retirar mi permiso cuando pase esto: {event}.",
    consent_over_on: "Mi caso termina el {date}.",
    consent_over_event: "Mi caso termina cuando pase esto: {event}.",
    consent_knows: "{who} puede saber que {of} también me ayuda.",
    consent_team: "Quiénes trabajan como un equipo para mí",
    consent_team_text: "Leen y escriben en un solo lugar. Cada uno sabe quién más está en el equipo. Cada uno ve solo los datos que esta \
        hoja le da, y lo que los otros escriben de eso. Puedo sacar a uno, y los otros siguen.",
    consent_left_out: "Qué pedí que no digan",
    consent_left_out_all: "Lo cumplen, menos si mi vida está en peligro.",
    consent_left_out_line: "No decir a {to}: {what}. {answer}",
    consent_anybody: "nadie",
    consent_anything: "nada de nada",
    consent_agreed: "Dijeron que sí el {date}.",
    consent_refused: "Dijeron que no el {date}. Por qué: {why}.",
    consent_opt_out: "No me tienen que pedir dinero",
    consent_opt_out_text: "Las palabras de abajo, en inglés, quieren decir: puedo decir que no a las cartas que piden dinero. \
                           Mi cuidado sigue igual.",
    consent_authorization: "Mi cuidado no depende de esto",
    consent_authorization_text: "Las palabras de abajo, en inglés, quieren decir: recibo el mismo cuidado si firmo o si no \
                                 firmo. Quien recibe mis datos los puede volver a dar, y puede ser que la ley HIPAA ya no \
                                 los cuide.",
    consent_beside: "{name} también firmó, como: {capacity}.",
    signer_person: "Firmo yo esta hoja.",
    signer_minor: "Soy menor de edad. Mi estado me deja buscar este cuidado sin mis padres. Por eso firmo a solas.",
    signer_minor_and_parent: "Soy menor de edad. Firmo yo y también firma mi padre, mi madre o mi tutor.",
    signer_guardian: "Firma por mí mi tutor o quien puede actuar por mí según la ley.",
    signer_director: "El jefe del programa firma por mí, para que se pague mi cuidado. No vale para otra cosa.",
    signer_representative: "La persona murió. Firma quien actúa por sus bienes.",
    signer_family: "La persona murió. Firma su esposo, su esposa u otro pariente cercano.",
    line_signature: "Firme aquí",
    line_name: "Nombre en letra de molde",
    line_date: "Fecha",
    line_representative: "Si alguien firma por mí: quién es y por qué puede",
    line_witness: "Quién ayudó",
    line_phone: "Teléfono",

    amendment_title: "Un cambio en mi permiso",
    amendment_intro: "Firmé una hoja el {date}. Todavía vale. Esta página muestra solo lo que es nuevo. Firmo una sola vez \
                      por todo.",
    amendment_intro_ended: "Firmé una hoja el {date}. Esta página muestra solo lo que es nuevo desde esa hoja.",
    amendment_recipients: "Nuevo: quién puede recibir datos sobre mí",
    amendment_disclosers: "Nuevo: quién puede dar datos sobre mí",
    amendment_information: "Nuevo: qué datos pueden dar",
    amendment_ways: "Nuevo: quién puede decir qué a quién",
    amendment_knows: "Nuevo: quién puede saber de quién",
    amendment_team: "Nuevo en el equipo que trabaja para mí",
    amendment_team_text: "Van a saber quién más está en el equipo. Van a ver lo que el equipo escribió antes, de los datos que esta hoja \
        les da.",
    amendment_past: "Nuevo: también ven lo que se escribió antes",
    amendment_past_text: "Ya están en el equipo. Van a ver también lo que el equipo escribió antes sobre esto:",
    amendment_team_gone: "{name} ya no está en el equipo que trabaja para mí.",
    amendment_lifted: "Ya no se calla",
    amendment_purposes: "Nuevo: para qué los pueden dar",
    amendment_expiry: "Nuevo: cuándo termina",
    amendment_gone: "Esto se acaba",
    amendment_nothing: "No hay nada nuevo. No hace falta firmar.",
    amendment_rest: "Lo demás queda como lo firmé. Puedo retirar mi permiso cuando yo quiera, para un grupo o para todos. \
                     Puedo pedir ver la primera hoja.",

    revocation_title: "Retiro mi permiso",
    revocation_intro: "El {date} firmé una hoja que deja a unos grupos dar datos sobre mí. La puedo retirar cuando yo quiera. \
                       No tengo que decir por qué.",
    revocation_which: "Qué retiro",
    revocation_all: "Todo, para todos los grupos",
    revocation_only: "Solo para {name}",
    revocation_does: "Qué pasa con esto",
    revocation_does_stop: "Los grupos dejan de dar datos sobre mí con esa hoja, en cuanto lo saben.",
    revocation_does_told: "Cada grupo que yo nombro queda fuera. Ya no recibe nada con esta hoja. Otras hojas que firmé siguen \
                           valiendo.",
    revocation_does_care: "No termina mi cuidado. Puedo pedir cuidado igual que antes.",
    revocation_not: "Qué no puede hacer",
    revocation_not_back: "No puede recoger lo que ya se dio. Quien lo tiene lo puede guardar, y todavía tiene que cumplir la \
                          ley.",
    revocation_not_relied: "No deshace lo que alguien hizo de buena fe cuando mi permiso valía. Todavía pueden cobrar el \
                            cuidado que recibí.",
    revocation_not_paper: "No puede borrar papeles, ni lo que la gente ya sabe.",
    revocation_how: "Cómo lo hago",
    revocation_how_text: "Puedo firmar esta página, o decirlo a la gente de cualquier grupo de la hoja. Ellos escriben que lo \
                          dije y cuándo.",
    revocation_written: "La retiré por escrito el {date}. La recibió {staff}.",
    revocation_spoken: "El {date} dije que la retiro. Me oyó {staff}.",
    revocation_for: "Fue solo para {name}. Lo demás sigue igual.",
    revocation_void_note: "Esta hoja nunca se firmó. No hay nada que retirar.",

    accounting_title: "A quién se dieron datos sobre mí",
    accounting_intro: "Esta lista muestra cada vez que dimos datos sobre usted en los últimos tres años. Usted tiene derecho a \
                       esta lista. No cuesta nada. En casos raros la ley nos hace callar algo por un tiempo.",
    accounting_person: "Para",
    accounting_days: "Del {from} al {to}",
    accounting_date: "Fecha",
    accounting_recipient: "A quién",
    accounting_what: "Qué",
    accounting_purpose: "Para qué",
    accounting_consent: "Su hoja",
    accounting_none: "No hay nada que poner en la lista para este tiempo.",
    accounting_number: "{id}, número {version}",
    accounting_no_consent: "no hizo falta: {clause}",
    accounting_where: "{name}, {address}",
    accounting_file: "un papel o archivo sobre {what}",
    accounting_ended: "que retiré mi permiso, dicho por teléfono",
    accounting_opened: "{what}. Estaba sellado allí y se abrió",
    accounting_opened_late: "{what}. Estaba sellado allí y se abrió después de que yo lo retiré, sin que lo supieran",
    accounting_placed: "Guardado sellado para una emergencia, sin abrir",
    accounting_placed_text: "Estos datos están sellados allí y nadie los abrió. No están en la lista de arriba. Quien los guarda \
                             tiene la llave.",
    accounting_over: "Guardado sellado antes para una emergencia, sin abrir",
    accounting_over_text: "Estos datos estaban sellados allí hasta que yo los retiré o se acabó el plazo. Que sepamos, nadie los \
                           abrió.",
    law_premises: "para avisar de un delito aquí o contra nuestra gente",
    law_child_abuse: "para avisar que quizá le hacen daño a un niño, como pide la ley",
    law_research: "para un estudio",
    law_audit: "para que otros revisen cómo trabajamos",
    law_public_health: "para la salud pública, sin su nombre",
    law_order: "porque lo ordenó un juez",
    law_decided: "Quién lo decidió aquí: {name}.",
    law_ordered: "La orden es de {court}, del {date}.",
    accounting_facts: "{what}. Fue una emergencia. A quién se le dijo: {personnel}. Dónde: {facility}. Quién lo dijo: {discloser}. Cuándo: {date}. Por qué: {nature}. Por qué no se le preguntó antes: {unobtainable}.",
    accounting_from: "Quién lleva esta lista",
    accounting_help: "¿Hay algo que no está bien?",
    accounting_help_text: "Dígalo a nuestra gente. Puede pedir ver cada hoja que firmó, y puede retirar su permiso cuando \
                           quiera.",

    card_title: "Mi tarjeta de medicina",
    card_me: "Nombre",
    card_provider: "Mi clínica",
    card_contact: "Por favor llame a",
    card_medicine: "Mi medicina ahora",
    card_medicine_none: "No tomo medicina que vaya en esta tarjeta.",
    card_allergies: "Alergias",
    card_dose: "{name}, {dose}",
    card_as_of: "Esto era cierto el {date}.",
    card_hospital: "Si estoy en un hospital o en la cárcel: por favor llame a mi clínica. No me quite la medicina antes de \
                    hablar con ellos.",
    card_emergency: "En una emergencia llame al 911. Si no despierto, deme naloxona.",
    card_old: "Pida otra tarjeta cuando cambie la dosis, y rompa esta.",

    plan_title: "Mi plan para los días difíciles",
    plan_intro: "Este plan es mío. Nos ayuda a mí y a la gente en que confío cuando las cosas se ponen mal. Lo puedo cambiar \
                 cuando yo quiera.",
    plan_signs: "Señales de que las cosas se ponen mal",
    plan_helps: "Qué me ayuda",
    plan_people: "A quién puedo llamar",
    plan_people_none: "Todavía no he puesto a nadie. Puedo llamar al 988 a toda hora.",
    plan_naloxone: "Naloxona (Narcan)",
    plan_naloxone_text: "La guardo aquí: {where}.",
    plan_naloxone_none: "Todavía no tengo. La puedo pedir gratis en mi clínica o en la farmacia.",
    plan_medicine: "Mi medicina ahora",
    plan_medicine_none: "Ahora no tomo medicina por drogas o alcohol.",
    plan_avoid: "Qué lo hace peor",
    plan_wishes: "Qué quiero que hagan",
    plan_again: "Si vuelvo a usar",
    plan_again_safe: "No quiere decir que fallé. Tal vez mi cuerpo ya no aguanta lo de antes. Uso menos y voy despacio.",
    plan_again_call: "Llamo a mi clínica el mismo día. No dejo mi medicina por mi cuenta.",
    plan_again_alone: "No uso a solas. Dejo la naloxona donde otros la vean.",
    plan_help: "Ayuda a toda hora",
    plan_help_lines: "Llame al 911 si alguien no despierta o no respira. Llame o mande un texto al 988 para hablar con alguien.",
    plan_empty: "Falta llenar.",
    plan_as_of: "Hice este plan el {date}.",

    letter_title: "Carta para pedir ayuda",
    letter_from: "De",
    letter_to: "Para",
    letter_date: "Fecha",
    letter_hello: "Le pedimos que ayude a una persona. La persona firmó una hoja que nos deja escribirle a usted.",
    letter_asks: "Por favor díganos si puede ayudar.",
    letter_urgent: "Es urgente. Por favor llámenos hoy.",
    letter_routine: "Por favor responda en pocos días.",
    letter_service: "Pedimos",
    letter_person: "La persona",
    letter_name: "Nombre",
    letter_other_names: "Otros nombres",
    letter_born: "Nació",
    letter_phone: "Teléfono",
    letter_address: "Domicilio",
    letter_contact: "Cómo hablar con la persona sin peligro",
    letter_language: "Idioma",
    letter_no_identity: "No podemos decir quién es la persona. Ella va a llegar con usted, o le va a llamar.",
    letter_reason: "Por qué escribimos",
    letter_needs: "Qué necesita la persona, lo más urgente primero",
    letter_medication: "Medicina ahora",
    letter_medication_none: "La persona no toma ahora medicina por drogas o alcohol.",
    letter_answer: "Cómo responder",
    letter_answer_text: "Por favor marque un cuadro y mande esta hoja de vuelta, o llámenos. No escriba más sobre la persona \
                         de lo que hace falta.",
    letter_answer_by: "Por favor responda a más tardar el {date}.",
    letter_no_answer: "No le pedimos que nos diga nada sobre la persona.",
    letter_box_accept: "Sí, podemos ayudar.",
    letter_box_decline: "No, no podemos ayudar. Por qué:",
    letter_box_appointment: "La primera cita es el:",
    letter_box_other: "Otra cosa:",
    letter_rules: "La ley cuida esta carta",
    letter_rules_text: "La ley pide las palabras de abajo, en inglés. Quieren decir: no dé esta carta a nadie y no la use \
                        contra la persona. Guárdela bajo llave. Si no sabe qué puede hacer con ella, llámenos primero.",
    letter_scope: "A qué dijo que sí la persona",
    letter_scope_text: "La persona firmó una hoja. Para usted dice:",
    letter_scope_ends: "El permiso dura hasta el final del día {date}.",
    letter_scope_ends_at: "El permiso termina el {date}, a las {time}.",
    letter_scope_ends_event: "El permiso termina cuando pase esto: {event}.",
    letter_scope_ends_never: "El permiso no tiene fecha final.",
    letter_scope_proceeding: "El permiso es solo para este caso o audiencia: {matter}.",
    letter_scope_from: "Se puede retirar desde el {date}.",
    letter_scope_from_event: "Se puede retirar cuando pase esto: {event}.",
    letter_scope_signed: "La hoja se firmó el {date}.",
    letter_thanks: "Gracias por su ayuda.",
    letter_phone_us: "Llámenos: {phone}",
    letter_no_phone_us: "Escríbanos al domicilio de arriba.",
    letter_reference: "Nuestro número para esta carta: {id}",
    cover_title: "Hoja de portada",
    cover_text: "Las hojas que siguen son privadas. Son para {to} y para nadie más.",
    cover_mistake: "¿Le llegaron por error? Entonces por favor no las lea. Llámenos, y le decimos qué hacer.",
    cover_rules: "La ley cuida estas hojas",
    cover_rules_text: "La ley pide las palabras de abajo, en inglés. Quieren decir: no dé estas hojas a nadie y no las use \
        contra la persona.",
};

/// An element of a consent that is signed in English in the usual words, for whoever reads no English.
#[must_use]
pub fn element(signed: &str) -> Option<&'static str> {
    match signed {
        REVOKE => Some(
            "Puedo retirar este permiso por escrito cuando yo quiera, menos en lo que alguien ya hizo porque confió en él. Puedo \
             escribir a cualquier grupo que esta hoja nombra, o decirlo a su gente.",
        ),
        REVOKE_LATER => Some(
            "No puedo retirar este permiso cuando yo quiera. Puedo desde el día o el hecho que nombra, y en todo caso cuando \
             termine el caso que nombra. Entonces puedo escribir a cualquier grupo que esta hoja nombra, o decirlo a su gente.",
        ),
        TPO_REFUSING => Some(
            "Si no firmo, los grupos que están aquí no pueden hablar entre ellos sobre mí. Tal vez yo los tenga que llamar y \
             visitar. En una emergencia no me niegan cuidado.",
        ),
        _ => None,
    }
}
