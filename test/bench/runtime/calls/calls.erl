%% The reference of calls_per_s_erlang: as many client processes as the first argument says call one gen_server in a
%% loop. Reads for how long, ms, a line for each round, and answers with the calls per second.
-module(calls).
-behaviour(gen_server).
-export([main/1, init/1, handle_call/3, handle_cast/2]).

main([InFlight]) ->
    {ok, Server} = gen_server:start_link(?MODULE, [], []),
    rounds(Server, list_to_integer(InFlight)).

rounds(Server, InFlight) ->
    case io:get_line("") of
        eof -> halt();
        Line ->
            ForMs = list_to_integer(string:trim(Line)),
            From = erlang:monotonic_time(microsecond),
            Until = From + ForMs * 1000,
            Callers = [spawn_monitor(fun() -> exit({made, call(Server, Until, 0)}) end)
                       || _ <- lists:seq(1, InFlight)],
            Made = lists:sum([receive {'DOWN', Monitor, process, _, {made, Count}} -> Count end
                              || {_, Monitor} <- Callers]),
            Took = erlang:monotonic_time(microsecond) - From,
            io:format("~p~n", [Made * 1000000 / Took]),
            rounds(Server, InFlight)
    end.

call(Server, Until, Made) ->
    case erlang:monotonic_time(microsecond) < Until of
        true -> 1 = gen_server:call(Server, 1), call(Server, Until, Made + 1);
        false -> Made
    end.

init([]) -> {ok, none}.
handle_call(Value, _From, State) -> {reply, Value, State}.
handle_cast(_Message, State) -> {noreply, State}.
