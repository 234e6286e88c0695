// What the programs here share: the numbers of ../src/rows.rs, and their side of ../src/children.rs.

#pragma once

#include <cmath>
#include <cstdint>
#include <ctime>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

// Deterministic numbers in [-1, 1).
inline std::vector<float> numbers(uint32_t seed, int count) {
    std::vector<float> values(count);
    for (float &x : values) {
        seed = seed * 1664525 + 1013904223;
        x = float(seed >> 8) / 8388608.0f - 1.0f;
    }
    return values;
}

// A layer of I inputs and O outputs; the weights are [I][O].
template <int I, int O>
struct Weights {
    std::vector<float> w, b;
};

template <int I, int O>
Weights<I, O> scaled(uint32_t seed, float scale, std::vector<float> b) {
    auto w = numbers(seed, I * O);
    for (float &x : w) x *= scale;
    return {w, b};
}

// A layer to infer with.
template <int I, int O>
Weights<I, O> trained(uint32_t seed) {
    return scaled<I, O>(seed, 2.0f / std::sqrt(float(I)), numbers(seed + 1, O));
}

// A layer to train.
template <int I, int O>
Weights<I, O> untrained(uint32_t seed) {
    return scaled<I, O>(seed, std::sqrt(6.0f / float(I + O)), std::vector<float>(O));
}

// What a row computes, and the nanoseconds that some calls of it take.
struct Run {
    std::vector<float> result;
    std::function<double(long)> turn;
};

// The time of the process, without what other programs take of the core. The compiler has to assume that each call finds
// another state, and that somebody looks at what it leaves.
template <class State, class Call>
double nanoseconds(State &state, Call call, long calls) {
    auto now = [] {
        timespec time;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
        return double(time.tv_sec) * 1e9 + double(time.tv_nsec);
    };
    double start = now();
    for (; calls > 0; calls--) {
        asm volatile("" : : "r"(&state) : "memory");
        call(state);
    }
    asm volatile("" : : "r"(&state) : "memory");
    return now() - start;
}

// `call` does the same each time; its output is a field `y` of so many floats.
template <class State, class Call>
Run repeated(std::shared_ptr<State> state, int outputs, Call call) {
    call(*state);
    const float *y = reinterpret_cast<const float *>(&state->y);
    return {{y, y + outputs}, [=](long calls) { return nanoseconds(*state, call, calls); }};
}

// `start` gives a new state, and `step` changes it and gives its loss. Ten losses are compared; the first step of a turn
// is not timed.
template <class Start, class Step>
Run training(Start start, Step step) {
    Run run;
    auto state = start();
    for (int i = 0; i < 10; i++) run.result.push_back(step(*state));
    run.turn = [=](long calls) {
        auto state = start();
        float loss = step(*state);
        auto call = [&](auto &state) {
            loss = step(state);
            asm volatile("" : : "r"(&loss) : "memory");
        };
        return nanoseconds(*state, call, calls);
    };
    return run;
}

// Answers the questions on standard input.
inline int serve(std::string name, std::map<std::string, std::function<Run()>> rows) {
    std::cout << std::setprecision(9) << name;
#ifdef __clang__
    std::cout << ", clang " << __clang_major__ << std::endl;
#else
    std::cout << ", gcc " << __GNUC__ << std::endl;
#endif
    Run run;
    for (std::string line; std::getline(std::cin, line);) {
        if (std::isdigit(line[0])) {
            std::cout << run.turn(std::stol(line));
        } else {
            run = rows.count(line) ? rows[line]() : Run{};
            for (float x : run.result) std::cout << x << ' ';
        }
        std::cout << std::endl;
    }
    return 0;
}
