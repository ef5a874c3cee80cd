//! The list of all cases. A case that is not in it does not compile.

/// The cases that hold for every way of making calls, also without a border in between.
///
/// Calls `$callback!` with `group { case case … } …`.
#[macro_export]
macro_rules! cases {
    ($callback:ident) => {
        $callback! {
            messages {
                from_16_bytes_to_1_mib
                of_no_length
                answered_later
                with_content_of_any_kind
                of_many_segments
                of_one_word_a_segment
                that_are_malformed_fail_their_call_only
                that_nest_too_deep_fail_their_call_only
                for_methods_that_nobody_has
            }
            capabilities {
                are_objects_with_a_state
                of_one_object_are_the_same
                of_two_objects_differ
                of_the_near_side_are_called_back
                of_the_near_side_come_home_as_themselves
                of_the_near_side_come_home_later
                of_the_far_side_come_home_as_themselves
                that_were_held_come_home_as_themselves
                may_be_null
                keep_their_places_in_a_message
                are_roots_too
                outlive_the_call_that_brought_them
                that_were_received_twice_and_dropped_once_still_work
                call_back_and_forth
            }
            pipelining {
                on_an_answered_call
                on_a_pending_call
                on_a_call_that_is_not_waited_for
                through_several_calls
                through_several_answered_calls
                of_a_promise_as_a_parameter
                to_an_object_of_the_near_side
                on_a_call_that_fails
                on_a_place_where_nothing_is
                of_one_place_twice_is_one_object
            }
            order {
                of_calls_on_one_reference
                of_calls_that_are_answered_later
                of_calls_from_the_far_side
                of_calls_on_a_pending_promise
                of_calls_before_and_after_a_promise_settles
                of_calls_on_a_promise_that_comes_home
                of_calls_on_two_references_to_one_object
            }
            cancellation {
                of_a_pending_call
                of_one_call_among_many
                of_a_call_that_calls_back
                of_a_call_that_is_held_back
                of_a_call_whose_pipeline_is_used
                of_a_call_that_was_answered
                gives_back_what_the_call_carried
                gives_back_what_the_answer_would_have_carried
                frees_a_stream
            }
            streaming {
                takes_all_in_order
                from_the_far_side
                waits_for_the_one_before
                is_acknowledged_when_it_is_done
                fails_all_that_follows
                of_one_sink_does_not_wait_for_another
            }
            errors {
                keep_their_kind_and_text
                keep_their_kind_and_text_later
                have_texts_of_any_length
                pass_through_the_other_side
                end_their_call_only
                a_panic_ends_its_call
                a_panic_later_ends_its_call
            }
            releases {
                of_an_object_of_the_far_side
                of_an_object_of_the_near_side
                cross_a_new_export
                cross_a_new_export_of_the_near_side
                of_one_reference_of_many
                of_what_nobody_reads
                of_a_chain_of_objects
                leave_room_for_many_more
            }
        }
    };
}

/// The cases that hold for everything of ours, but not for the local clients of the Cap'n Proto library.
///
/// Calls its callback as [`cases`] does.
#[macro_export]
macro_rules! stream_cases {
    ($callback:ident) => {
        $callback! {
            behind_streams {
                wait_for_what_was_written_before
                of_the_near_side_wait_too
                go_on_where_nobody_looks_at_the_stream
            }
        }
    };
}

/// The cases that need a border with a far side that goes away, and with the limits of a message.
///
/// Calls its callback as [`cases`] does.
#[macro_export]
macro_rules! border_cases {
    ($callback:ident) => {
        $callback! {
            limits {
                the_longest_parameters_cross
                longer_parameters_are_refused_by_name
                longer_results_are_refused_by_name
                too_many_segments_are_refused_by_name
                too_many_capabilities_are_refused_by_name
                long_error_texts_are_cut
                far_too_many_calls_are_overloaded
            }
            far_side_goes_away {
                when_nothing_happens
                while_it_serves_the_call_that_ends_it
                while_a_call_is_pending
                while_calls_are_held_back
                while_it_is_called_back
                while_a_stream_is_not_acknowledged
                while_it_holds_objects
                at_moment_0
                at_moment_1
                at_moment_2
                at_moment_3
                at_moment_4
                at_moment_6
                at_moment_8
                at_moment_12
                at_moment_16
                at_moment_24
            }
        }
    };
}

/// The cases that need a near side that can be taken away without ending the program that runs them.
///
/// Calls its callback as [`cases`] does.
#[macro_export]
macro_rules! near_cases {
    ($callback:ident) => {
        $callback! {
            near_side_goes_away {
                when_nothing_happens
                while_a_call_is_pending
                while_calls_are_held_back
                while_it_is_called_back
                while_a_stream_is_not_acknowledged
                while_the_far_side_holds_objects
                at_moment_0
                at_moment_1
                at_moment_2
                at_moment_3
                at_moment_4
                at_moment_6
                at_moment_8
                at_moment_12
                at_moment_16
                at_moment_24
            }
        }
    };
}
