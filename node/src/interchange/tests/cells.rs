use crate::interchange::{phone, text, times};

#[test]
fn times_as_people_type_them() {
    for (typed, meant) in [
        ("9:30", "09:30"),
        ("9am", "09:00"),
        ("3pm", "15:00"),
        ("5:00 PM", "17:00"),
        ("12 am", "00:00"),
        ("12pm", "12:00"),
        ("03:00", "03:00"),
        ("17:00:00", "17:00"),
        ("10:00Z", "10:00"),
        ("10:00+01:00", "10:00"),
        ("0900", "09:00"),
        ("8 a.m.", "08:00"),
        ("noon", "12:00"),
        ("24:00", "24:00"),
    ] {
        assert_eq!(times::time(typed).as_deref(), Some(meant), "{typed}");
    }
    for none in ["", "9", "25:00", "13pm", "by appointment", "9:7x", "é", "1:é"] {
        assert_eq!(times::time(none), None, "{none}");
    }
}

#[test]
fn weekdays_and_dates_as_people_type_them() {
    for (typed, meant) in [("Monday", "MO"), ("tue", "TU"), ("1", "MO"), ("7", "SU"), ("0", "SU"), ("Su", "SU")] {
        assert_eq!(times::weekday(typed), Some(meant), "{typed}");
    }
    assert_eq!(times::weekday("8"), None);
    assert_eq!(times::weekday("holiday"), None);
    for (typed, meant) in [
        ("12/24/2015", "2015-12-24"),
        ("12/24/15", "2015-12-24"),
        ("January 01, 0001", "--01-01"),
        ("June 1, 2026", "2026-06-01"),
        ("2026-06-01", "2026-06-01"),
        ("2023-03-15T10:30:45.123Z", "2023-03-15"),
    ] {
        assert_eq!(times::date(typed).as_deref(), Some(meant), "{typed}");
    }
    assert_eq!(times::date("24/12/2015"), None);
}

#[test]
fn telephone_cells_are_taken_apart() {
    let read = |cell: &str| {
        let numbers = phone::numbers(cell);
        numbers.into_iter().map(|n| (n.number, n.extension, n.label, n.sure)).collect::<Vec<_>>()
    };
    let number =
        |number: &str, extension: &str, label: &str| (number.to_owned(), extension.to_owned(), label.to_owned(), true);
    assert_eq!(read("847-392-0100"), [number("847-392-0100", "", "")]);
    assert_eq!(read("(312) 773-1068 ext. 321"), [number("(312) 773-1068", "321", "")]);
    assert_eq!(read("(312) 201-9740 x331"), [number("(312) 201-9740", "331", "")]);
    assert_eq!(
        read("(618) 453-3217; (618) 536-7711"),
        [number("(618) 453-3217", "", ""), number("(618) 536-7711", "", "")]
    );
    assert_eq!(read("217-525-5297 (LAWS)"), [number("217-525-5297", "", "LAWS")]);
    assert_eq!(
        read("(602)258-6797 Intakes: (602)523-9312 (602)258-6797x931"),
        [number("(602)258-6797", "", ""), number("(602)523-9312", "", "Intakes"), number("(602)258-6797", "931", "")]
    );
    assert_eq!(read("\"+44 1234 234567\""), [number("+44 1234 234567", "", "")]);
    assert_eq!(read("859-252-7881/859-252-7882").len(), 2);
    let odd = phone::numbers("(859) 1-800-928-8000");
    assert_eq!((odd.len(), odd[0].sure), (1, false));
    assert_eq!(odd[0].number, "(859) 1-800-928-8000");
    assert_eq!(phone::numbers("call the desk")[0].number, "call the desk");
    assert!(phone::numbers("  ").is_empty());
    drop(phone::numbers("x x12 ( é (((((5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5"));
}

#[test]
fn texts_lists_addresses_and_codes_are_mended() {
    assert_eq!(text::clean("\u{feff} a\\nb\u{a0} \u{7}"), "a\nb");
    assert_eq!(text::list("105, 108, 108-05"), ["105", "108", "108-05"]);
    assert_eq!(text::list("[\"a\",\"b\"]"), ["a", "b"]);
    assert_eq!(text::url("www.example.org/x").as_deref(), Some("http://www.example.org/x"));
    assert_eq!(text::url("see our page"), None);
    assert_eq!(text::zip("6511", "CT").as_deref(), Some("06511"));
    assert_eq!(text::zip("6511", "KY"), None);
    assert!(text::is_run_together("150 Court Street2nd FloorBrooklyn"));
    assert!(!text::is_run_together("60 McDonald Avenue"));
    assert!(text::is_damaged("ClÃ\u{AD}nica Ã©"));
    assert_eq!(text::slug("Kentucky SUD (2015).v2"), "kentucky-sud-2015-v2");
}
