//! No step of a batch waits for the host.

use super::engine::{mixed_scenarios, run_once};
use crate::support::adaptive_world;
use crate::support::ask::Ask;
use shocksweep::low_level::engine::cpu::CpuEngine;
use shocksweep::low_level::engine::gpu::bans;
use shocksweep::low_level::engine::gpu::kernels::Kernel;
use shocksweep::low_level::engine::gpu::machine::{Buffer, Element, Machine, View};
use shocksweep::low_level::engine::gpu::mirror::MirrorMachine;
use shocksweep::low_level::engine::gpu::network::{OnMachine, Prepared};
use shocksweep::low_level::engine::gpu::rooms::Halt;
use shocksweep::low_level::engine::{EngineError, Outcome};
use shocksweep::low_level::scenario::Scenario;

const STEPS: usize = 6;

/// The mirrors, and in which order kernels ran and the host waited.
#[derive(Default)]
pub struct Noted {
    mirror: MirrorMachine,
    /// Kernels, and where the host waits.
    pub notes: Vec<&'static str>,
    /// Numbers that the host has read, the masks' words among them.
    pub read: usize,
}

/// What is noted where the host waits.
pub const WAIT: &str = "wait";

impl Machine for Noted {
    fn upload_wholes(&mut self, parts: &[&[u32]]) -> Buffer {
        self.mirror.upload_wholes(parts)
    }
    fn upload_reals(&mut self, parts: &[&[f64]]) -> Buffer {
        self.mirror.upload_reals(parts)
    }
    fn room(&mut self, kind: Element, len: usize) -> Buffer {
        self.mirror.room(kind, len)
    }
    fn copy(&mut self, from: Buffer, to: Buffer) {
        self.mirror.copy(from, to);
    }
    fn clear(&mut self, buffer: Buffer) {
        self.mirror.clear(buffer);
    }
    fn dispatch(&mut self, kernel: &'static Kernel, buffers: &[Buffer], workgroups: [u32; 2]) {
        self.notes.push(kernel.name);
        self.mirror.dispatch(kernel, buffers, workgroups);
    }
    fn dispatch_indirect(
        &mut self,
        kernel: &'static Kernel,
        buffers: &[Buffer],
        launches: (Buffer, usize),
    ) {
        self.notes.push(kernel.name);
        self.mirror.dispatch_indirect(kernel, buffers, launches);
    }
    fn read_with(
        &mut self,
        buffers: &[(Buffer, usize)],
        with: &mut dyn FnMut(&[View<'_>]),
    ) -> Result<(), EngineError> {
        self.notes.push(WAIT);
        self.read += buffers.iter().map(|buffer| buffer.1).sum::<usize>();
        self.mirror.read_with(buffers, with)
    }
    fn wait(&mut self) -> Result<(), EngineError> {
        self.notes.push(WAIT);
        self.mirror.wait()
    }
    fn free(&mut self, buffer: Buffer) {
        self.mirror.free(buffer);
    }
}

/// What a batch does from its beginning to its end, once its room is known, and its answers.
fn noted(scenarios: &[Scenario], seed: u64) -> (Vec<&'static str>, Vec<Outcome>) {
    let world = adaptive_world(5, 4, 3, seed);
    let prepared = Prepared::new(&world, STEPS).unwrap();
    let mut machine = Noted::default();
    let on = OnMachine::new(&prepared, &mut machine);
    let lanes: Vec<&Scenario> = scenarios.iter().collect();
    loop {
        machine.notes.clear();
        match run_once(&prepared, &on, &mut machine, &lanes, &[true; 4]) {
            Ok(outcomes) => return (machine.notes, outcomes),
            Err(Halt::NoRoom { fits: true }) => {}
            Err(halt) => panic!("{halt:?}"),
        }
    }
}

/// The host waits three times, after the last kernel of the last step: for sums, for counts, for rows. Only batches with
/// scenarios that adapt and have bans are read in their deciding steps.
#[test]
fn no_step_waits_for_the_host() {
    for seed in 0..4 {
        let world = adaptive_world(5, 4, 3, seed);
        let (with_bans, others): (Vec<Scenario>, Vec<Scenario>) = mixed_scenarios(&world, 60, seed)
            .into_iter()
            .partition(|s| s.adaptation.is_some() && bans::has_bans(s));
        let (notes, outcomes) = noted(&others, seed);
        let last_step = notes.iter().rposition(|&name| name == "trade").expect("steps");
        assert!(notes[..last_step].contains(&"change_trade"), "somebody decides");
        assert!(!notes[..last_step].contains(&WAIT), "seed {seed}: {notes:?}");
        assert_eq!(notes.iter().filter(|&&name| name == WAIT).count(), 3);
        let expected = CpuEngine::new(&world, STEPS).run(&others, 0.25, &|_| {});
        assert!(outcomes.iter().zip(&expected).all(|(a, b)| super::changes::agree(a, b)));
        assert!(outcomes.iter().any(|outcome| !outcome.events.is_empty()));

        let (notes, _) = noted(&with_bans, seed);
        let last_step = notes.iter().rposition(|&name| name == "trade").expect("steps");
        assert!(notes[..last_step].contains(&WAIT), "their columns are the host's");
    }
}
