use super::*;
use crate::api::care::{ActRequest, ThreadView};
use crate::http::csrf::Tokens;
use crate::web::form::{Kind, Source};
use crate::web::pages::thread::sample_whole;
use crate::web::words;
use belay_protocol::time::Time;
use serde_json::Value;

const STAFF: &str = "Dora Whitlock";

/// A request with something in every field, as JSON in the shape of the row.
fn full(row: &Row) -> Value {
    fn put(object: &mut Value, path: &str, value: Value) {
        match path.split_once('.') {
            Some((first, rest)) => put(&mut object[first], rest, value),
            None => object[path] = value,
        }
    }
    fn some(field: &Field, number: usize) -> Value {
        match field.kind {
            Kind::Fixed | Kind::Line | Kind::Text(_) => format!("{} {number} <b>&\"é</b>", field.path).into(),
            Kind::One(codes, _) => codes[codes.len() - 1].0.into(),
            Kind::Many(codes, _) => vec![codes[0].0, codes[2].0].into(),
            // A whole minute: fields of time have no seconds.
            Kind::When(_) => Value::from(1_795_000_020_000_u64 / 60_000 * 60_000),
            Kind::Clock => "2026-11-24T10:00".into(),
            Kind::YesNo | Kind::Tick => true.into(),
            Kind::Number(least, _) => (least + 1).into(),
            Kind::Each(_) | Kind::PickAny(_) | Kind::Day | Kind::Born | Kind::Part(_) => {
                panic!("no act has such a field: {}", field.path)
            }
            Kind::Pick(Source::Entries) => "03".repeat(32).into(),
            Kind::Pick(_) => "00000007".into(),
            Kind::List(fields) => {
                let row = |number| {
                    let mut object = Value::Object(serde_json::Map::new());
                    fields.iter().for_each(|field| put(&mut object, field.path, some(field, number)));
                    object
                };
                vec![row(1), row(2)].into()
            }
        }
    }
    let mut object = Value::Object(serde_json::Map::new());
    row.fields.iter().for_each(|field| put(&mut object, field.path, some(field, 0)));
    if row.fields.is_empty() { row.tag.into() } else { serde_json::json!({ row.tag: object }) }
}

fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(value, |value, part| match part.parse::<usize>() {
        Ok(number) => &value[number],
        Err(_) => &value[part],
    })
}

/// What a browser posts of this form with this request typed into it.
fn typed(fields: &[Field], body: &Value, prefix: &str, out: &mut Vec<(String, String)>) {
    for field in fields {
        let (name, value) = (format!("{prefix}{}", field.path), at(body, field.path));
        match (field.kind, value) {
            (Kind::List(fields), Value::Array(rows)) => {
                for (number, row) in rows.iter().enumerate() {
                    typed(fields, row, &format!("{name}.{number}."), out);
                }
            }
            (Kind::Many(..), Value::Array(codes)) => {
                out.extend(codes.iter().map(|code| (name.clone(), code.as_str().unwrap().to_owned())));
            }
            (Kind::When(_), Value::Number(time)) => {
                out.push((name, words::local_field(Time(time.as_u64().unwrap()))));
            }
            (_, Value::String(text)) => out.push((name, text.clone())),
            (_, Value::Bool(yes)) => out.push((name, if *yes { "yes" } else { "no" }.to_owned())),
            (_, Value::Number(number)) => out.push((name, number.to_string())),
            (_, other) => panic!("{name}: {other}"),
        }
    }
}

fn posted(row: &Row, request: &Value) -> Typed {
    let mut pairs = Vec::new();
    typed(row.fields, &request[row.tag], "", &mut pairs);
    Typed(pairs.into_iter().map(|(name, value)| (name, value.as_str().into())).collect())
}

#[test]
fn every_act_of_the_table_posted_reads_back_equal() {
    for row in TABLE {
        let asked = full(row);
        let whole: ActRequest = serde_json::from_value(asked.clone()).unwrap_or_else(|e| panic!("{}: {e}", row.act));
        assert_eq!(
            serde_json::to_value(&whole).unwrap(),
            asked,
            "the row {} names every field of the request",
            row.act
        );
        let read = read(row, &posted(row, &asked)).unwrap_or_else(|wrong| panic!("{}: {wrong:?}", row.act));
        assert_eq!(serde_json::to_value(&read).unwrap(), asked, "{}", row.act);
        assert_eq!(Row::named(&row.slug()).map(|found| found.act), Some(row.act), "one address each");
        for text in [row.legend, row.button, row.done] {
            assert!(!text.is_empty());
        }
    }
}

#[test]
fn an_empty_form_says_beside_each_field_what_is_missing() {
    for row in TABLE {
        let must: Vec<&str> = row.fields.iter().filter(|field| field.required).map(|field| field.path).collect();
        match read(row, &Typed::default()) {
            Ok(_) => assert!(must.is_empty(), "{}", row.act),
            Err(wrong) => {
                let marked: Vec<&str> = wrong.iter().map(|(name, _)| name.as_str()).collect();
                assert_eq!(marked, must, "{}: {wrong:?}", row.act);
                assert!(wrong.iter().all(|(_, sentence)| sentence.ends_with('.')));
            }
        }
    }
}

#[test]
fn what_fits_no_field_is_refused_at_that_field() {
    for row in TABLE {
        for field in row.fields {
            let nonsense = match field.kind {
                Kind::Line => "x".repeat(201),
                Kind::Text(_) => "x".repeat(8_001),
                Kind::Number(_, most) => (u32::from(most) + 1).to_string(),
                Kind::Pick(_) | Kind::List(_) | Kind::Tick => continue,
                _ => "nonsense".to_owned(),
            };
            let typed = Typed(vec![(field.path.to_owned(), nonsense.as_str().into())]);
            let wrong = read(row, &typed).expect_err(field.path);
            assert!(wrong.iter().any(|(name, _)| name == field.path), "{} {}: {wrong:?}", row.act, field.path);
        }
    }
}

#[test]
fn a_refused_form_shows_all_that_was_typed_and_another_what_is_known() {
    let view = sample_whole("Known of <i>before</i>");
    let sight = Sight { staff: &STAFF.into(), csrf: &Tokens::sample(), now: Time(0) };
    for row in TABLE {
        let typed = posted(row, &full(row));
        let slug = row.slug();
        let tried = Tried { slug: &slug, typed: &typed, wrong: &[], why: "no", hinted: false };
        let drawn = draw(&view, &sight, Some(&tried));
        let html = drawn.iter().find(|form| form.slug == slug).expect("it is drawn").to_string();
        for (name, value) in &typed.0 {
            let id = format!("{slug}-{}", name.replace(['.', '_'], "-"));
            assert!(html.contains(&format!("name=\"{name}\"")) && html.contains(&id), "{slug}: {name}");
            let shown = value.reveal().replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;");
            let shown = shown.replace('"', "&#34;");
            assert!(html.contains(&shown), "{slug}: {name} keeps {shown}: {html}");
        }
        let other = drawn.iter().find(|form| form.slug != slug).expect("another");
        assert!(!other.open && other.trouble.is_none());
    }
    let fresh = draw(&view, &sight, None);
    let html = |act: &str| fresh.iter().find(|form| form.row.act == act).expect("it is drawn").to_string();
    for act in ["crisis plan", "medication", "need"] {
        assert!(html(act).contains("Known of &#60;i&#62;before"), "{act}: what is known is not asked again");
    }
    assert!(html("handoff").contains(STAFF) && html("reschedule").contains("12 Main Street"));
}

#[test]
fn a_missed_visit_that_is_said_again_is_filled_with_the_time_that_was_missed_here() {
    let sight = Sight { staff: &STAFF.into(), csrf: &Tokens::sample(), now: Time(0) };
    let filled = |view: &ThreadView| {
        let drawn = draw(view, &sight, None);
        drawn.iter().find(|form| form.row.act == "no-show").expect("it is drawn").to_string()
    };
    let mut view = sample_whole("Nora Hill");
    let visit = view.moves().expect("an appointment").at;
    let missed = visit.plus(belay_protocol::time::HOUR);
    let field = |at| format!("value=\"{}\"", words::local_field(at));
    assert!(filled(&view).contains(&field(visit)), "of which nobody said anything yet");
    view.missed_here = Some(missed);
    let html = filled(&view);
    assert!(html.contains(&field(missed)) && !html.contains(&field(visit)), "{html}");
}

#[test]
fn a_note_is_one_to_the_sender_only_where_it_is_told() {
    let sight = Sight { staff: &STAFF.into(), csrf: &Tokens::sample(), now: Time(0) };
    let html = |view: &ThreadView| {
        let drawn = draw(view, &sight, None);
        let of = |act: &str| drawn.iter().find(|form| form.row.act == act).expect("it is drawn").to_string();
        ["accept", "decline", "close"].map(of).concat()
    };
    let told = sample_whole("Nora Hill");
    let (mut unanswered, mut over) = (told.clone(), told.clone());
    unanswered.row.answerable = false;
    over.row.ended = Some("the consent expired".to_owned());
    assert_eq!(html(&told).matches("Note to the sender").count(), 3);
    for here in [unanswered, over] {
        let html = html(&here);
        assert!(!html.contains("Note to the sender") && html.matches("Note for your own house").count() == 3, "{html}");
    }
}

#[test]
fn what_happened_since_a_form_was_drawn_is_said_where_it_led_elsewhere() {
    let mut view = sample_whole("Nora Hill");
    let drawn = format!("{} {}", view.history[0].entry, view.row.state);
    assert!(meanwhile(&view, &drawn).is_none(), "words came, and it stands where it stood");
    view.row.state = "accepted".to_owned();
    let said = meanwhile(&view, &drawn).expect("elsewhere");
    assert!(
        said.reveal().contains("Dora Whitlock: accept (") && !said.reveal().contains("Ben Ott: accept"),
        "{}",
        said.reveal()
    );
}

#[test]
fn a_need_that_changes_in_part_stays_as_it_was_else() {
    let row = Row::named("need").expect("a row");
    let typed =
        Typed(vec![("need".into(), "00000007".into()), ("text".into(), "".into()), ("status".into(), "lifted".into())]);
    let Ok(ActRequest::Need(need)) = read(row, &typed) else { panic!("a need") };
    assert!(need.text.is_none() && need.who.is_none() && need.next.is_none() && need.kind.is_none());
    assert_eq!(need.need.as_deref(), Some("00000007"));
}

#[test]
fn every_place_has_few_usual_acts_and_each_is_in_the_table() {
    use crate::web::standing::Side;
    for place in belay_protocol::referral::Place::ALL {
        for side in [Side::Incoming, Side::Outgoing] {
            let first = usual(place, side);
            assert!(first.len() <= 3 && first.iter().all(|act| TABLE.iter().any(|row| row.act == *act)), "{first:?}");
        }
    }
}

#[test]
fn a_plan_of_which_everything_was_rubbed_out_takes_everything_away() {
    let row = Row::named("crisis-plan").expect("a row");
    let typed: Vec<_> = ["warning_signs", "naloxone", "wishes", "contacts.0.name", "contacts.0.phone"]
        .map(|name| (name.to_owned(), Default::default()))
        .into();
    let Ok(ActRequest::Crisis(plan)) = read(row, &Typed(typed)) else { panic!("a plan") };
    assert!(plan.contacts.is_some_and(|contacts| contacts.is_empty()), "nobody is called");
    for text in [plan.warning_signs, plan.helps, plan.avoid, plan.naloxone, plan.wishes] {
        assert!(text.is_some_and(|text| text.reveal().is_empty()));
    }
}

#[test]
fn a_form_for_what_a_partner_answered_by_telephone_asks_the_same_and_speaks_of_them() {
    for row in TABLE {
        let paths = |fields: &[Field]| fields.iter().map(|field| field.path).collect::<Vec<_>>();
        let voice = row.voice(true);
        assert_eq!(paths(voice.fields), paths(row.fields), "{}: the request is the same", row.act);
        if voice.theirs {
            let mut texts = vec![voice.legend, voice.button, voice.done];
            for field in voice.fields {
                texts.push(field.label);
                if let Kind::One(words, _) = field.kind {
                    texts.extend(words.iter().map(|(_, text)| *text));
                }
            }
            for text in texts {
                let lower = format!(" {} ", text.to_lowercase());
                assert!(![" we ", " us ", " you ", " sender "].iter().any(|word| lower.contains(word)), "{text}");
            }
        }
    }
    let mut view = sample_whole("Nora Hill");
    view.row.off_network = true;
    let sight = Sight { staff: &STAFF.into(), csrf: &Tokens::sample(), now: Time(0) };
    let drawn = draw(&view, &sight, None);
    let decline = drawn.iter().find(|form| form.row.act == "decline").expect("it is drawn");
    assert!(!decline.folds(), "what they answered is what the page is for");
    let html = decline.to_string();
    for says in ["They have no place free", "Write down that they decline", "Who there said it</label>", "required"] {
        assert!(html.contains(says), "{says}: {html}");
    }
    let row = Row::named("accept").expect("a row");
    let unnamed = Typed(vec![(HEARD.to_owned(), "".into())]);
    assert_eq!(unsaid(row, &unnamed, true).len(), 1, "nobody here can accept for them");
    assert!(unsaid(row, &unnamed, false).is_empty());
    assert_eq!(usual_heard(belay_protocol::referral::Place::Sent)[0], "accept");
}

#[test]
fn a_visit_that_is_said_again_is_filled_with_the_time_at_which_the_person_came() {
    let mut view = sample_whole("Nora Hill");
    let came = Time(belay_protocol::time::DAY * 20_000);
    let now = came.plus(8 * belay_protocol::time::DAY);
    let sight = Sight { staff: &STAFF.into(), csrf: &Tokens::sample(), now };
    let filled = |view: &crate::api::care::ThreadView| {
        draw(view, &sight, None).iter().find(|form| form.row.act == "attend").expect("it is drawn").to_string()
    };
    let field = |at| format!("value=\"{}\"", words::local_field(at));
    assert!(!filled(&view).contains(&field(came)));
    view.came_here = Some(came);
    assert!(filled(&view).contains(&field(came)), "{}", filled(&view));
}
