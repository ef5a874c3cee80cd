//! Promises of capabilities at their edges: those that come back to themselves, hang on each other, or outlive the call
//! that they came from.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use capnp::ErrorKind;
use capnp::private::capability::ClientHook;
use futures::FutureExt;
use futures::channel::oneshot;
use ww_call::limits::{MAX_PIPELINE_DEPTH, NESTING};
use ww_call::{Answer, Call, Message, Pending, PendingCall, Proxy, Target, ops_of, target};

/// Does what it is told with every call.
struct Scripted<F>(F);

impl<F: Fn(Call) -> Answer + 'static> Target for Scripted<F> {
    fn call(&self, call: Call) -> Answer {
        (self.0)(call)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn scripted(script: impl Fn(Call) -> Answer + 'static) -> Box<dyn ClientHook> {
    Proxy::hook(Rc::new(Scripted(script)))
}

/// Answers every call with nothing, at once.
fn willing() -> Box<dyn ClientHook> {
    scripted(|_| Answer::Done(Message::new()))
}

fn empty_call(method: u16) -> Call {
    Call { interface: 0, method, streaming: false, params: Message::new() }
}

fn call(hook: &dyn ClientHook, method: u16) -> Answer {
    target(hook.add_ref()).call(empty_call(method))
}

fn message_with(hook: Box<dyn ClientHook>) -> Message {
    let mut message = Message::new();
    message.builder().expect("a new message can be written").set_as_capability(hook);
    message
}

/// A call that will be answered with a capability, and how to answer it.
fn promised() -> (Rc<PendingCall>, oneshot::Sender<Box<dyn ClientHook>>) {
    let (answer, arrives) = oneshot::channel();
    let call =
        PendingCall::new(Pending::new(async move { Ok(message_with(arrives.await.expect("the test answers"))) }));
    (call, answer)
}

fn now(call: &Rc<PendingCall>) -> Option<capnp::Result<Rc<Message>>> {
    call.clone().answer().now_or_never()
}

fn failure(answer: Answer) -> capnp::Error {
    match answer {
        Answer::Failed(error) => error,
        Answer::Done(_) => panic!("the call succeeded"),
        Answer::Pending(pending) => match PendingCall::new(pending).answer().now_or_never() {
            Some(Err(error)) => error,
            Some(Ok(_)) => panic!("the call succeeded"),
            None => panic!("the call hangs"),
        },
    }
}

#[test]
fn a_promise_of_itself_fails_its_calls() {
    let (source, answer) = promised();
    let promise = source.pipelined(&[]);
    let held = call(&*promise, 0);
    assert!(answer.send(promise.add_ref()).is_ok());
    assert!(now(&source).unwrap().is_ok());
    assert!(failure(held).extra.contains("resolved to itself"));
    assert!(failure(call(&*promise, 0)).extra.contains("resolved to itself"));
}

#[test]
fn promises_of_each_other_fail_their_calls() {
    let ((first, answer_first), (second, answer_second)) = (promised(), promised());
    let (one, two) = (first.pipelined(&[]), second.pipelined(&[]));
    assert!(answer_first.send(two.add_ref()).is_ok());
    assert!(answer_second.send(one.add_ref()).is_ok());
    let (held_one, held_two) = (call(&*one, 0), call(&*two, 0));
    assert!(now(&first).unwrap().is_ok());
    assert!(now(&second).unwrap().is_ok());
    for answer in [held_one, held_two, call(&*one, 0), call(&*two, 0)] {
        assert!(failure(answer).extra.contains("resolved to itself"));
    }
}

#[test]
fn promises_hang_on_each_other_up_to_the_limit() {
    let (first, answer) = promised();
    let mut calls = vec![first];
    let refused = loop {
        let promise = calls[calls.len() - 1].pipelined(&[]);
        match call(&*promise, 0) {
            Answer::Pending(pending) => calls.push(PendingCall::new(pending)),
            answer => break failure(answer),
        }
    };
    assert_eq!(calls.len(), MAX_PIPELINE_DEPTH as usize + 1);
    assert_eq!(refused.kind, ErrorKind::Overloaded);
    assert!(refused.extra.contains("65 promises, the limit is 64"), "{refused}");

    // The longest row that there can be still ends.
    fn generous() -> Box<dyn ClientHook> {
        scripted(|_| Answer::Done(message_with(generous())))
    }
    assert!(answer.send(generous()).is_ok());
    let last = calls.pop().unwrap();
    assert!(now(&last).unwrap().is_ok());
}

/// What a call on the first of so many promises comes to, where each turns out to be the next one while nothing is known of
/// that, and the last one answers.
fn through_a_row(count: u32) -> Answer {
    let promises: Vec<_> = (0..count).map(|_| promised()).collect();
    let caps: Vec<_> = promises.iter().map(|(source, _)| source.pipelined(&[])).collect();
    let nexts = caps.iter().skip(1).map(|cap| cap.add_ref()).chain([willing()]).collect::<Vec<_>>();
    for ((source, answer), next) in promises.into_iter().zip(nexts) {
        assert!(answer.send(next).is_ok());
        assert!(now(&source).is_some_and(|answer| answer.is_ok()));
    }
    let first = caps[0].add_ref();
    // The others are kept by this one.
    drop(caps);
    call(&*first, 0)
}

#[test]
fn promises_turn_out_to_be_one_another_up_to_the_limit() {
    assert!(matches!(through_a_row(MAX_PIPELINE_DEPTH + 1), Answer::Done(_)));
    let refused = failure(through_a_row(MAX_PIPELINE_DEPTH + 2));
    assert_eq!(refused.kind, ErrorKind::Overloaded);
    assert!(refused.extra.contains("65 promises turned out to be one another, the limit is 64"), "{refused}");
    // However long it is.
    failure(through_a_row(10_000));
}

#[test]
fn a_settled_promise_keeps_nothing_else_of_its_answer() {
    let (answer, arrives) = oneshot::channel::<Message>();
    let source = PendingCall::new(Pending::new(async move { Ok(arrives.await.unwrap()) }));
    let promise = source.pipelined(&[]);
    let other = Rc::new(());
    let kept = other.clone();
    let mut message = message_with(willing());
    message.caps_mut().push(Some(scripted(move |_| {
        let _ = &kept;
        Answer::Done(Message::new())
    })));
    assert!(answer.send(message).is_ok());
    assert!(now(&source).unwrap().is_ok());
    drop(source);
    assert_eq!(Rc::strong_count(&other), 1, "the answer is still there");
    assert!(matches!(call(&*promise, 0), Answer::Done(_)));
}

#[test]
fn a_promise_that_is_asked_for_while_others_resolve_is_kept() {
    let (source, answer) = promised();
    let promise = source.pipelined(&[]);
    let late = Rc::new(RefCell::new(None));
    let held = call(&*promise, 0);
    let resolution = {
        let (source, late) = (Rc::downgrade(&source), late.clone());
        scripted(move |call| {
            if call.method == 0 {
                // Another place of the same answer, where nothing is.
                let cap =
                    source.upgrade().unwrap().pipelined(&[capnp::private::capability::PipelineOp::GetPointerField(7)]);
                let answer = target(cap.add_ref()).call(empty_call(1));
                late.replace(Some((cap, answer)));
            }
            Answer::Done(Message::new())
        })
    };
    assert!(answer.send(resolution).is_ok());
    assert!(now(&source).unwrap().is_ok());
    drop(held);
    let (_cap, answer) = late.take().unwrap();
    // It fails, for there is no such place; what matters is that it does not hang.
    failure(answer);
}

/// A call that waits for a promise, which is kept with what `resolution` makes: it gets the call, to do to it what it likes
/// while that is being made.
fn made_on(
    resolution: impl FnOnce(Rc<RefCell<Option<Rc<PendingCall>>>>) -> Box<dyn ClientHook>,
) -> Option<Rc<PendingCall>> {
    let (source, answer) = promised();
    let Answer::Pending(pending) = call(&*source.pipelined(&[]), 0) else { panic!("the call does not wait") };
    let held = Rc::new(RefCell::new(Some(PendingCall::new(pending))));
    assert!(answer.send(resolution(held.clone())).is_ok());
    assert!(now(&source).expect("it was answered").is_ok());
    held.take()
}

#[test]
fn a_call_can_be_looked_after_while_it_is_made() {
    let held = made_on(|held| {
        scripted(move |_| {
            let call = held.borrow().clone().expect("nobody gives it up");
            assert!(now(&call).is_none(), "it has ended before it was made");
            Answer::Done(Message::new())
        })
    });
    assert!(now(&held.expect("nobody has given it up")).expect("it has been made").is_ok());
}

#[test]
fn a_call_that_is_given_up_while_it_is_made_is_cancelled() {
    let work = Rc::new(());
    let worked = work.clone();
    made_on(|held| {
        scripted(move |_| {
            drop(held.take());
            let worked = worked.clone();
            Answer::Pending(Pending::new(async move {
                let _worked = worked;
                std::future::pending().await
            }))
        })
    });
    assert_eq!(Rc::strong_count(&work), 1, "somebody still works on it");
}

#[test]
fn a_panic_inside_a_pending_answer_is_its_error() {
    let call = PendingCall::new(Pending::new(async { panic!("oh") }));
    let error = now(&call).unwrap().err().unwrap();
    assert!(error.extra.contains("panicked: oh"), "{error}");
}

/// Whoever asks for it may be a guest, and may ask often: what is kept for each must be small.
#[test]
fn a_path_deeper_than_messages_nest_leads_nowhere() {
    let (pending, _answer) = promised();
    let deepest = vec![0; NESTING as usize];
    assert!(matches!(call(&*pending.pipelined(&ops_of(&deepest)), 0), Answer::Pending(_)));
    let deeper = pending.pipelined(&ops_of(&[deepest, vec![0]].concat()));
    let error = failure(call(&*deeper, 0));
    assert!(error.extra.contains("33 pointers leads to no capability, the limit is 32"), "{error}");
}
