//! Answers held against the library asked in another way, and the queue.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::answer::Reply;
use super::question::{Case, Failing, Tell};
use super::{Asked, ExploreError, Explorer, Question, Queue};
use crate::dataset::Dataset;
use crate::dataset::synth::{SynthOptions, synthesize};
use crate::engine::Engine;
use crate::engine::reference::ReferenceEngine;
use crate::job::Adaptation;
use crate::model::constants::STEPS;
use crate::scenario::{Scenario, spec};
use crate::whatif::Change;

fn world() -> Arc<Dataset> {
    Arc::new(synthesize(&SynthOptions::default()).unwrap())
}

fn explorer() -> Explorer {
    Explorer::new(world(), None).unwrap()
}

fn failing(area: &str, item: &str, phi: f64) -> Failing {
    Failing { area: area.into(), item: item.into(), phi, from: None, to: None }
}

fn case(ways: Adaptation) -> Case {
    let failures = vec![failing("India", "Rice and products", 1.0)];
    Case { failures, ways: Some(ways), changes: Vec::new() }
}

fn kcal() -> Tell {
    Tell::Measure("kcal".into())
}

/// Seven digits, as answers carry.
fn near(found: f64, expected: f64, what: &str) {
    let room = 1e-6 * expected.abs() + 1e-9;
    assert!((found - expected).abs() <= room, "{what}: {found} and {expected}");
}

/// What every sector loses after step `t`, by the reference engine.
fn direct(dataset: &Dataset, failures: &[(&str, f64)], t: usize) -> Vec<f64> {
    let shocks = failures.iter().flat_map(|(text, phi)| {
        let mut of = spec::parse(text, dataset).unwrap();
        of.iter_mut().for_each(|shock| shock.phi = *phi);
        of
    });
    let scenario = Scenario::new(0, shocks.collect(), &dataset.labels).unwrap();
    let engine = ReferenceEngine::new(dataset, STEPS);
    let outcome = engine.losses(&[scenario], &[t], 0.0, &|_| {}).unwrap().of.remove(0);
    let mut losses = vec![0.0; dataset.dimensions().sectors()];
    for (sector, loss) in outcome.sectors.iter().zip(&outcome.losses) {
        losses[*sector as usize] = *loss;
    }
    losses
}

#[test]
fn tonnes_of_an_item_are_the_engines_at_every_step() {
    let (dataset, explorer) = (world(), explorer());
    let dims = dataset.dimensions();
    let item = dataset.labels.items.iter().position(|i| i.name == "Wheat and products").unwrap();
    let failures = vec![failing("Ukraine", "wheat", 0.6), failing("India", "rice", 1.0)];
    let case = Case { failures, ways: Some(Adaptation::Off), changes: Vec::new() };
    let tell = Tell::Item("Wheat and products".into());
    let Reply::Losses(reply) = explorer.answer(&Question::Losses { case, tell }).unwrap() else {
        panic!("another answer")
    };
    assert_eq!((reply.unit.as_str(), reply.unit_per_person.as_str()), ("t", "kg per person"));
    let mut lost = 0;
    for t in [0, 4, STEPS - 1] {
        let losses = direct(&dataset, &[("Ukraine/wheat", 0.6), ("India/rice", 1.0)], t);
        let mut sum = 0.0;
        for area in 0..dims.areas {
            let expected = losses[dims.sector(area, item)];
            near(reply.ways[0].by_area[t][area].0, expected, "an area");
            sum += expected;
            lost += usize::from(expected > 0.0);
        }
        near(reply.ways[0].world[t].0, sum, "the world");
    }
    assert!(lost > 20, "{lost} losses were compared");
    let people = dataset.labels.areas[3].population.unwrap();
    near(reply.per_person[3].unwrap().0, 1000.0 / people, "kg per person");
}

#[test]
fn live_animals_are_heads_and_in_no_sum_of_tonnes() {
    let explorer = explorer();
    let heads = explorer.catalogue().items.iter().find(|item| item.unit != "t").unwrap().clone();
    let maker = explorer.catalogue().areas[heads.makers[0]].name.clone();
    let failures = vec![failing(&maker, &heads.name, 1.0)];
    let case = Case { failures, ways: Some(Adaptation::Off), changes: Vec::new() };
    let of = |tell: Tell| {
        let question = Question::Losses { case: case.clone(), tell };
        match explorer.answer(&question).unwrap() {
            Reply::Losses(reply) => reply,
            other => panic!("{other:?}"),
        }
    };
    let own = of(Tell::Item(heads.name.clone()));
    assert_eq!(own.unit, heads.unit);
    assert_eq!(own.unit_per_person, format!("{} per 1,000 people", heads.unit));
    assert!(own.ways[0].world[0].0 > 0.0, "heads are lost in the first year");
    // In the first year nothing but the animals themselves is lost, and they are no tonnes.
    assert_eq!(of(Tell::Measure("mass".into())).ways[0].world[0].0, 0.0);
}

#[test]
fn a_panel_holds_what_the_map_sums() {
    let explorer = explorer();
    let area = "Nepal".to_string();
    let question = Question::Losses { case: case(Adaptation::Both), tell: kcal() };
    let Reply::Losses(losses) = explorer.answer(&question).unwrap() else { panic!() };
    let question = Question::Panel { case: case(Adaptation::Both), tell: kcal(), area };
    let Reply::Panel(panel) = explorer.answer(&question).unwrap() else { panic!() };
    assert_eq!(panel.ways, [false, true]);
    for way in 0..2 {
        let sum: f64 = panel.items.iter().map(|item| item.value[way].0).sum();
        let of_map = losses.ways[way].by_area[STEPS - 1][panel.area].0;
        assert!(of_map != 0.0);
        near(sum, of_map, "items of an area");
    }
    let question =
        Question::Why { case: case(Adaptation::Off), tell: kcal(), area: "Nepal".to_string() };
    let Reply::Why(why) = explorer.answer(&question).unwrap() else { panic!() };
    let told = losses.ways[0].by_area[STEPS - 1][panel.area].0;
    near(why.loss.0, told * losses.per_person[panel.area].unwrap().0, "why, per person");
    let carried: f64 = why.routes.iter().map(|route| route.2.0).sum();
    assert!((carried + why.others.0 - why.loss.0).abs() < 1e-5 * why.loss.0.abs());
}

/// Asks until a long answer is there.
fn waited(explorer: &Explorer, question: &Question) -> Reply {
    let started = Instant::now();
    loop {
        match explorer.answer(question).unwrap() {
            Reply::Working(working) => assert!(working.done <= working.total),
            reply => return reply,
        }
        assert!(started.elapsed() < Duration::from_secs(600), "it never ends");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn partners_cost_together_what_the_engine_says() {
    let (dataset, explorer) = (world(), explorer());
    let item = "Rice and products";
    let tell = Tell::Item(item.into());
    let question = Question::Together {
        case: case(Adaptation::Off),
        tell: tell.clone(),
        area: Some("Nepal".into()),
        most: 5,
    };
    let Reply::Together(reply) = waited(&explorer, &question) else { panic!() };
    let nepal = dataset.labels.areas.iter().position(|a| a.name == "Nepal").unwrap();
    let rice = dataset.labels.items.iter().position(|i| i.name == item).unwrap();
    let sector = dataset.dimensions().sector(nepal, rice);
    let lost = |failures: &[(&str, f64)]| direct(&dataset, failures, STEPS - 1)[sector];
    let first = ("India/Rice and products", 1.0);
    near(reply.alone.0, lost(&[first]), "alone");
    assert!(!reply.partners.is_empty() && reply.tried >= reply.partners.len());
    for partner in &reply.partners {
        let name = dataset
            .labels
            .sector_name(partner.sector.0 * dataset.labels.items.len() + partner.sector.1);
        let name = name.replace(" / ", "/");
        near(partner.alone.0, lost(&[(&name, 1.0)]), &name);
        near(partner.joint.0, lost(&[first, (&name, 1.0)]), &name);
        let beyond = lost(&[first, (&name, 1.0)]) - lost(&[first]) - lost(&[(&name, 1.0)]);
        assert!((partner.beyond.0 - beyond).abs() < 1e-6 * reply.alone.0.abs() + 1.0, "{name}");
    }
    // Known by now, and the worst first.
    let question = Question::Fears { tell, area: "Nepal".into(), most: 10 };
    let Reply::Fears(fears) = explorer.answer(&question).unwrap() else { panic!("kept") };
    assert!(fears.worst.len() > 1);
    assert!(
        fears.worst.windows(2).all(|pair| pair[0].loss[1].unwrap().0 >= pair[1].loss[1].unwrap().0)
    );
}

#[test]
fn the_best_change_leaves_what_it_says() {
    let explorer = explorer();
    let (area, item) = ("Nepal".to_string(), "Rice and products".to_string());
    let question = Question::Best {
        case: case(Adaptation::Off),
        area: area.clone(),
        item: item.clone(),
        budget: 1e4,
    };
    let Reply::Best(best) = explorer.answer(&question).unwrap() else { panic!() };
    assert!(best.tried.windows(2).all(|pair| pair[0].after.0 <= pair[1].after.0));
    // The same change as a case of its own: the mean over its steps.
    let mean = |changes: Vec<Change>| {
        let case = Case { changes, ..case(Adaptation::Off) };
        let question = Question::Losses { case, tell: Tell::Item(item.clone()) };
        let Reply::Losses(losses) = explorer.answer(&question).unwrap() else { panic!() };
        losses.ways[0].by_area.iter().map(|of| of[best.area].0).sum::<f64>() / STEPS as f64
    };
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-5 * b.abs() + 1e-6, "{a} and {b}");
    close(best.before.0, mean(Vec::new()));
    close(best.tried[0].after.0, mean(vec![best.tried[0].change.clone()]));
    assert!(best.tried[0].after.0 < best.before.0);
}

#[test]
fn a_newer_question_takes_the_place_of_one_that_waits() {
    let queue = Queue::new(Arc::new(explorer()));
    let ask = |page: &str| Asked {
        page: page.to_string(),
        question: Question::Losses { case: case(Adaptation::Off), tell: kcal() },
    };
    // Holds the lane until it is let go: listeners are called on its thread.
    let (go, wait) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel();
    let _held = queue.ask(ask("other"), move |_| {
        begun.send(()).unwrap();
        wait.recv().unwrap();
    });
    has_begun.recv().unwrap();
    let (said, heard) = mpsc::channel();
    let listen = |name: &'static str| {
        let said = said.clone();
        move |answered: Result<Reply, ExploreError>| {
            let how = match answered {
                Ok(_) => "answered",
                Err(ExploreError::Stale) => "stale",
                Err(_) => "refused",
            };
            said.send((name, how)).unwrap();
        }
    };
    let _first = queue.ask(ask("page"), listen("first"));
    let _second = queue.ask(ask("page"), listen("second"));
    assert_eq!(heard.recv().unwrap(), ("first", "stale"), "before the lane is free");
    drop(queue.ask(ask("gone"), listen("gone")));
    let _nameless = [queue.ask(ask(""), listen("a")), queue.ask(ask(""), listen("b"))];
    let _wrong = queue.ask(ask(&"x".repeat(65)), listen("long"));
    assert_eq!(heard.recv().unwrap(), ("long", "refused"));
    go.send(()).unwrap();
    let rest: Vec<_> = (0..4).map(|_| heard.recv().unwrap()).collect();
    let expected =
        [("second", "answered"), ("gone", "stale"), ("a", "answered"), ("b", "answered")];
    assert_eq!(rest, expected);
}

#[test]
fn a_full_lane_says_so() {
    let queue = Queue::new(Arc::new(explorer()));
    let ask = || Asked {
        page: String::new(),
        question: Question::Losses { case: case(Adaptation::Off), tell: kcal() },
    };
    let (go, wait) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel();
    let _held = queue.ask(ask(), move |_| {
        begun.send(()).unwrap();
        let _ = wait.recv();
    });
    has_begun.recv().unwrap();
    let mut tickets = Vec::new();
    let (said, heard) = mpsc::channel();
    for _ in 0..300 {
        let said = said.clone();
        tickets.push(queue.ask(ask(), move |answered| {
            if matches!(answered, Err(ExploreError::Busy(_))) {
                said.send(()).unwrap();
            }
        }));
    }
    drop(said);
    tickets.clear();
    drop(go);
    drop(queue);
    assert_eq!(heard.iter().count(), 300 - 256);
}
