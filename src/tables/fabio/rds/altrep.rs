//! Alternative representations (ALTREP, R 3.5 and later): what they stand for.
//!
//! Source: R's `src/main/altclasses.c`.
//!
//! | class | state | stands for |
//! |---|---|---|
//! | `compact_intseq`, `compact_realseq` | length, first, step | a sequence |
//! | `deferred_string` | a pair of numbers and an option | these numbers as texts |
//! | `wrap_integer`, `wrap_real`, `wrap_string`, `wrap_list` | a pair or list of a vector and what is known of it | the vector |

use super::Value;

/// Numbers that a compact sequence may stand for; labels are far fewer.
const LONGEST_SEQUENCE: f64 = (1 << 22) as f64;

/// The object that a class and a state stand for; `None` for others, or a state that is damaged.
pub fn meaning(class: &str, state: Value) -> Option<Value> {
    let sequence = |state: &Value| match state {
        Value::Numbers(of) if of.len() == 3 => {
            let fine = of.iter().all(|v| v.is_finite()) && of[0] <= LONGEST_SEQUENCE;
            fine.then(|| (0..of[0] as u64).map(|n| of[1] + n as f64 * of[2]).collect())
        }
        _ => None,
    };
    match class {
        "compact_intseq" => sequence(&state).map(|numbers: Vec<f64>| {
            Value::Integers(numbers.into_iter().map(|v| v as i32).collect())
        }),
        "compact_realseq" => sequence(&state).map(Value::Numbers),
        "deferred_string" => first(state).and_then(|of| match of {
            Value::Integers(of) => {
                let text = |v: i32| (v != i32::MIN).then(|| v.to_string());
                Some(Value::Texts(of.into_iter().map(text).collect()))
            }
            Value::Numbers(of) => {
                let text = |v: f64| v.is_finite().then(|| v.to_string());
                Some(Value::Texts(of.into_iter().map(text).collect()))
            }
            _ => None,
        }),
        "wrap_integer" | "wrap_real" | "wrap_string" | "wrap_list" => first(state),
        _ => None,
    }
}

/// The first of a pair, or of a list.
fn first(state: Value) -> Option<Value> {
    match state {
        Value::Pairs(pairs) => pairs.into_iter().next().map(|(_, value)| value),
        Value::List(list) => list.into_iter().next(),
        _ => None,
    }
}
