use super::*;

/// `count` items, `P1`, `P2` …, with ids `p1`, `p2` … and their numbers as answers.
fn items(count: usize) -> Vec<Item<usize>> {
    let item =
        |number| Item { id: format!("p{number}"), label: format!("P{number}"), answer: number };
    (1..=count).map(item).collect()
}

/// What the keys do: the answer, `cancelled`, or where the cursor is.
fn after(count: usize, keys: &[Key]) -> String {
    let items = items(count);
    let mut menu = Menu::new(&items);
    for (index, key) in keys.iter().enumerate() {
        match menu.press(*key) {
            Pressed::Nothing | Pressed::Moved => {}
            Pressed::Chose(item) => {
                assert_eq!(index + 1, keys.len(), "the keys after an answer are the command's");
                return item.answer.to_string();
            }
            Pressed::Cancelled => return "cancelled".to_owned(),
        }
    }
    format!("at {}", menu.cursor + 1)
}

#[test]
fn arrows_go_round_and_enter_takes_what_they_reached() {
    use Key::Cancel;
    use Key::Down;
    use Key::Enter;
    use Key::First;
    use Key::Last;
    use Key::Other;
    use Key::Up;

    for (count, keys, expected) in [
        (3, &[][..], "at 1"),
        (3, &[Enter][..], "1"),
        (3, &[Down, Enter][..], "2"),
        (3, &[Down, Down, Enter][..], "3"),
        (3, &[Down, Down, Down, Enter][..], "1"),
        (3, &[Up, Enter][..], "3"),
        (3, &[Up, Up, Enter][..], "2"),
        (3, &[Last, Enter][..], "3"),
        (3, &[Last, First, Enter][..], "1"),
        (1, &[Down, Up, Enter][..], "1"),
        (3, &[Down, Other, Enter][..], "2"),
        (3, &[Cancel][..], "cancelled"),
    ] {
        assert_eq!(after(count, keys), expected, "{keys:?}");
    }
}

#[test]
fn a_number_chooses_as_soon_as_no_longer_one_can_follow() {
    use Key::Digit;
    use Key::Down;
    use Key::Enter;
    use Key::Other;

    for (count, keys, expected) in [
        (3, &[Digit(2)][..], "2"),
        (3, &[Digit(3)][..], "3"),
        (3, &[Digit(4)][..], "at 1"),
        (3, &[Digit(0)][..], "at 1"),
        (9, &[Digit(9)][..], "9"),
        (10, &[Digit(2)][..], "2"),
        (10, &[Digit(1)][..], "at 1"),
        (10, &[Digit(1), Enter][..], "1"),
        (10, &[Digit(1), Digit(0)][..], "10"),
        (12, &[Digit(1), Digit(2)][..], "12"),
        (12, &[Digit(1), Digit(3)][..], "at 1"),
        (12, &[Digit(1), Down, Digit(1), Digit(1)][..], "11"),
        (12, &[Digit(1), Other, Digit(2)][..], "2"),
        (25, &[Digit(2), Enter][..], "2"),
        (25, &[Digit(2), Digit(5)][..], "25"),
        (25, &[Digit(3)][..], "3"),
        (120, &[Digit(1), Digit(1), Digit(9)][..], "119"),
    ] {
        assert_eq!(after(count, keys), expected, "{count} {keys:?}");
    }
}

#[test]
fn what_does_nothing_is_told_apart_from_what_moves() {
    let items = items(3);
    let mut menu = Menu::new(&items);
    assert!(matches!(menu.press(Key::Other), Pressed::Nothing));
    assert!(matches!(menu.press(Key::Digit(7)), Pressed::Nothing));
    assert!(matches!(menu.press(Key::Down), Pressed::Moved));
}

#[test]
fn a_person_means_an_item_by_its_number_id_or_label() {
    let mut items = items(3);
    items[2].label = "p1".to_owned();
    items[1].label = "Second One".to_owned();
    for (typed, expected) in [
        ("1", Some(1)),
        ("3", Some(3)),
        ("0", None),
        ("4", None),
        ("p2", Some(2)),
        ("P2", Some(2)),
        ("second one", Some(2)),
        // An id says more than a label.
        ("p1", Some(1)),
        ("x", None),
        ("-1", None),
        ("99999999999999999999999", None),
    ] {
        assert_eq!(meant(typed, &items).map(|item| item.answer), expected, "{typed}");
    }
}

#[test]
fn the_line_says_the_id_where_the_label_does_not() {
    let item =
        |id: &str, label: &str| Item { id: id.to_owned(), label: label.to_owned(), answer: 0 };
    assert_eq!(item("kimi", "Kimi").line(), "Kimi");
    assert_eq!(item("zai", "Z.AI").line(), "Z.AI (zai)");
}

#[test]
fn two_items_with_one_label_are_told_apart_by_their_ids() {
    let item =
        |id: &str, label: &str| Item { id: id.to_owned(), label: label.to_owned(), answer: 0 };
    let items = [item("kimi", "Kimi"), item("work", "kimi"), item("zai", "Z.AI")];
    let menu = Menu::new(&items);
    let shown = menu.first("which?", unmarked, HELP);
    assert!(shown.contains("1  Kimi\u{1b}") && shown.contains("2  kimi (work)\n"), "{shown:?}");
    assert!(shown.contains("3  Z.AI\n"), "{shown:?}");
}

#[test]
fn the_menu_is_drawn_drawn_again_and_erased_in_its_place() {
    let items = items(2);
    let mut menu = Menu::new(&items);
    let lines = "\x1b[?7l\x1b[2K\x1b[1m❯ 1  P1\x1b[0m\n\x1b[2K  2  P2\n\x1b[2K  ↑ ↓ choose · Enter start · Esc cancel\n\x1b[?7h";
    assert_eq!(
        menu.first("which?", unmarked, HELP),
        format!("\x1b[?7ljackin-exec: which?\n{lines}")
    );
    assert_eq!(menu.again(unmarked, HELP), format!("\r\x1b[3A{lines}"));
    assert_eq!(menu.erase(), "\r\x1b[4A\x1b[J");
    menu.press(Key::Down);
    let moved = "\x1b[?7l\x1b[2K  1  P1\n\x1b[2K\x1b[1m❯ 2  P2\x1b[0m\n\x1b[2K  ↑ ↓ choose · Enter start · Esc cancel\n\x1b[?7h";
    assert_eq!(menu.again(unmarked, HELP), format!("\r\x1b[3A{moved}"));
}

#[test]
fn numbers_are_as_wide_as_the_widest() {
    let items = items(10);
    let shown = Menu::new(&items).first("which?", unmarked, HELP);
    assert!(shown.contains("  2  P2\n") && shown.contains("10  P10\n"), "{shown:?}");
}

#[test]
#[should_panic(expected = "a question has answers")]
fn a_question_without_answers_is_none() {
    let items: [Item<u8>; 0] = [];
    Menu::new(&items);
}
