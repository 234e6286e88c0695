// RTNeural with shapes known when it compiles, on Eigen.

#define EIGEN_STACK_ALLOCATION_LIMIT 0 // large matrices lie on the heap, in states
#define RTNEURAL_DEFAULT_ALIGNMENT 32  // the largest that it knows
#define RTNEURAL_USE_EIGEN 1

#include "peer.hpp"
#include <RTNeural/RTNeural.h>

using namespace RTNeural;

// Its weights are [out][in].
template <int I, int O>
void set(DenseT<float, I, O> &layer, const Weights<I, O> &weights) {
    std::vector<std::vector<float>> w(O, std::vector<float>(I));
    for (int i = 0; i < I; i++)
        for (int o = 0; o < O; o++) w[o][i] = weights.w[i * O + o];
    layer.setWeights(w);
    layer.setBias(weights.b.data());
}

template <class Model, int I, int O>
struct State {
    Model model;
    alignas(64) float x[I], y[O];

    State(const std::vector<float> &numbers) { std::copy_n(numbers.data(), I, x); }
};

template <class Model, int I, int O>
Run infer(std::shared_ptr<State<Model, I, O>> state) {
    return repeated(state, O, [](State<Model, I, O> &s) {
        s.model.forward(s.x);
        std::copy_n(s.model.getOutputs(), O, s.y);
    });
}

Run v64() {
    using Model = ModelT<float, 64, 64, DenseT<float, 64, 64>>;
    auto state = std::make_shared<State<Model, 64, 64>>(numbers(7, 64));
    set(state->model.get<0>(), trained<64, 64>(1));
    return infer(state);
}

Run i1() {
    using Model = ModelT<float, 2, 1, DenseT<float, 2, 2>, ReLuActivationT<float, 2>, DenseT<float, 2, 1>,
                         SigmoidActivationT<float, 1>>;
    auto state = std::make_shared<State<Model, 2, 1>>(std::vector{0.3f, -0.7f});
    set(state->model.get<0>(), trained<2, 2>(1));
    set(state->model.get<2>(), trained<2, 1>(3));
    return infer(state);
}

Run i2() {
    using Model = ModelT<float, 16, 8, DenseT<float, 16, 64>, TanhActivationT<float, 64>, DenseT<float, 64, 64>,
                         TanhActivationT<float, 64>, DenseT<float, 64, 8>>;
    auto state = std::make_shared<State<Model, 16, 8>>(numbers(7, 16));
    set(state->model.get<0>(), trained<16, 64>(1));
    set(state->model.get<2>(), trained<64, 64>(3));
    set(state->model.get<4>(), trained<64, 8>(5));
    return infer(state);
}

Run i3() {
    using Model = ModelT<float, 784, 10, DenseT<float, 784, 128>, ReLuActivationT<float, 128>, DenseT<float, 128, 10>,
                         SoftmaxActivationT<float, 10>>;
    auto state = std::make_shared<State<Model, 784, 10>>(numbers(7, 784));
    set(state->model.get<0>(), trained<784, 128>(1));
    set(state->model.get<2>(), trained<128, 10>(3));
    return infer(state);
}

// The last of these steps, after the others.
template <class Model, int I, int O>
Run stream(std::shared_ptr<State<Model, I, O>> state, const std::vector<float> &x) {
    size_t at = 0;
    for (; at + I < x.size(); at += I) {
        std::copy_n(&x[at], I, state->x);
        state->model.forward(state->x);
    }
    std::copy_n(&x[at], I, state->x);
    return infer(state);
}

// Its weights are [out][in][tap], the last tap first.
Run c1() {
    using Model = ModelT<float, 4, 8, Conv1DT<float, 4, 8, 5, 1>>;
    auto x = numbers(7, 4 * 64);
    auto state = std::make_shared<State<Model, 4, 8>>(x);
    auto weights = trained<5 * 4, 8>(1);
    std::vector w(8, std::vector(4, std::vector<float>(5)));
    for (int k = 0; k < 5; k++)
        for (int i = 0; i < 4; i++)
            for (int o = 0; o < 8; o++) w[o][i][4 - k] = weights.w[(k * 4 + i) * 8 + o];
    state->model.get<0>().setWeights(w);
    state->model.get<0>().setBias(weights.b);
    return stream(state, x);
}

// The numbers of a net with a recurrent layer of 32.
std::vector<float> small(uint32_t seed, int count) {
    auto values = numbers(seed, count);
    for (float &x : values) x /= std::sqrt(32.0f);
    return values;
}

// [gate][in][out] as rows of all gates, which are in Keras' order.
std::vector<std::vector<float>> gates(uint32_t seed, int gates, int inputs) {
    auto w = small(seed, gates * inputs * 32);
    std::vector rows(inputs, std::vector<float>(gates * 32));
    for (int g = 0; g < gates; g++)
        for (int i = 0; i < inputs; i++) std::copy_n(&w[(g * inputs + i) * 32], 32, &rows[i][g * 32]);
    return rows;
}

template <class Layer, class Bias>
Run recurrent(int count, const Bias &bias) {
    using Model = ModelT<float, 1, 1, Layer, DenseT<float, 32, 1>>;
    auto x = numbers(7, 64);
    auto state = std::make_shared<State<Model, 1, 1>>(x);
    auto &layer = state->model.template get<0>();
    layer.setWVals(gates(1, count, 1));
    layer.setUVals(gates(2, count, 32));
    layer.setBVals(bias);
    set(state->model.template get<1>(), Weights<32, 1>{small(4, 32), small(5, 1)});
    return stream(state, x);
}

Run r1() { return recurrent<LSTMLayerT<float, 1, 32>>(4, small(3, 4 * 32)); }

Run r2() {
    auto b = small(3, 6 * 32);
    std::vector<std::vector<float>> both{{b.begin(), b.begin() + 96}, {b.begin() + 96, b.end()}};
    return recurrent<GRULayerT<float, 1, 32>>(3, both);
}

int main() {
    return serve("RTNeural " RTNEURAL_COMMIT,
                 {{"V64", v64}, {"I1", i1}, {"I2", i2}, {"I3", i3}, {"C1", c1}, {"R1", r1}, {"R2", r2}});
}
