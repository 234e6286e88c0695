// Eigen, with nets and training by hand. Its matrices are in columns: a sample is a column, and our [in][out] weights are
// its out × in.

#define EIGEN_STACK_ALLOCATION_LIMIT 0 // large ones lie on the heap, in states

#include "peer.hpp"
#include <Eigen/Dense>

template <int R, int C>
using Matrix = Eigen::Matrix<float, R, C>;

template <int R, int C>
Matrix<R, C> matrix(const std::vector<float> &values) {
    return Eigen::Map<const Matrix<R, C>>(values.data());
}

// The products: c = a · b in rows is cᵀ = bᵀ · aᵀ in columns.

template <int N>
Run matmul() {
    struct State {
        Matrix<N, N> a, b, y;
    };
    auto state = std::make_shared<State>();
    state->a = matrix<N, N>(numbers(1, N * N));
    state->b = matrix<N, N>(numbers(2, N * N));
    return repeated(state, N * N, [](State &s) {
        if constexpr (N <= 16)
            s.y.noalias() = s.b.lazyProduct(s.a);
        else
            s.y.noalias() = s.b * s.a;
    });
}

// Nets.

template <int I, int O>
struct Layer {
    Matrix<O, I> w;
    Matrix<O, 1> b;

    Layer(const Weights<I, O> &weights) : w(matrix<O, I>(weights.w)), b(matrix<O, 1>(weights.b)) {}

    template <int B>
    Matrix<O, B> forward(const Matrix<I, B> &x) const {
        Matrix<O, B> z = b.template replicate<1, B>();
        if constexpr (B < 4)
            for (int i = 0; i < B; i++) z.col(i).noalias() += w * x.col(i);
        else
            z.noalias() += w * x;
        return z;
    }
};

auto relu = [](auto z) { return z.cwiseMax(0.0f).eval(); };
auto tanh_of = [](auto z) { return z.array().tanh().matrix().eval(); };
auto sigmoid = [](auto z) { return z.array().logistic().matrix().eval(); };
auto softmax = [](auto z) {
    z.rowwise() -= z.colwise().maxCoeff().eval();
    z = z.array().exp();
    z.array().rowwise() /= z.array().colwise().sum().eval();
    return z;
};

Run v64() {
    struct State {
        Layer<64, 64> layer{trained<64, 64>(1)};
        Matrix<64, 1> x = matrix<64, 1>(numbers(7, 64)), y;
    };
    return repeated(std::make_shared<State>(), 64, [](State &s) { s.y = s.layer.forward(s.x); });
}

Run i1() {
    struct State {
        Layer<2, 2> first{trained<2, 2>(1)};
        Layer<2, 1> second{trained<2, 1>(3)};
        Matrix<2, 1> x{0.3f, -0.7f};
        Matrix<1, 1> y;
    };
    return repeated(std::make_shared<State>(), 1,
                    [](State &s) { s.y = sigmoid(s.second.forward(relu(s.first.forward(s.x)))); });
}

Run i2() {
    struct State {
        Layer<16, 64> first{trained<16, 64>(1)};
        Layer<64, 64> second{trained<64, 64>(3)};
        Layer<64, 8> third{trained<64, 8>(5)};
        Matrix<16, 1> x = matrix<16, 1>(numbers(7, 16));
        Matrix<8, 1> y;
    };
    return repeated(std::make_shared<State>(), 8, [](State &s) {
        s.y = s.third.forward(tanh_of(s.second.forward(tanh_of(s.first.forward(s.x)))));
    });
}

template <int B>
Run i3() {
    struct State {
        Layer<784, 128> first{trained<784, 128>(1)};
        Layer<128, 10> second{trained<128, 10>(3)};
        Matrix<784, B> x = matrix<784, B>(numbers(7, 784 * B));
        Matrix<10, B> y;
    };
    return repeated(std::make_shared<State>(), 10 * B,
                    [](State &s) { s.y = softmax(s.second.forward(relu(s.first.forward(s.x)))); });
}

// Training.

template <class M>
void adam_step(M &w, M &m, M &v, const M &gradient, float rate) {
    auto g = gradient.array();
    m.array() += (g - m.array()) * 0.1f;
    v.array() += (g.square() - v.array()) * 0.001f;
    w.array() -= rate * m.array() / (v.array().sqrt() + 1e-7f);
}

template <int I, int O>
struct Trained : Layer<I, O> {
    Matrix<O, I> dw, mw = Matrix<O, I>::Zero(), vw = Matrix<O, I>::Zero();
    Matrix<O, 1> db, mb = Matrix<O, 1>::Zero(), vb = Matrix<O, 1>::Zero();

    using Layer<I, O>::Layer;

    template <int B>
    void gradient(const Matrix<I, B> &x, const Matrix<O, B> &dz) {
        dw.noalias() = dz * x.transpose();
        db = dz.rowwise().sum();
    }

    void adam(float rate) {
        adam_step(this->w, mw, vw, dw, rate);
        adam_step(this->b, mb, vb, db, rate);
    }
};

struct Relu {
    static constexpr auto value = relu;
    static constexpr auto slope = [](auto h) { return (h.array() > 0.0f).template cast<float>(); };
};

struct Tanh {
    static constexpr auto value = tanh_of;
    static constexpr auto slope = [](auto h) { return 1.0f - h.array().square(); };
};

// Losses give their value, and leave their gradient in z.

auto classes = [](auto &z, const auto &) {
    float loss = 0.0f;
    const float batch = float(z.cols());
    z = softmax(z);
    for (int i = 0; i < z.cols(); i++) {
        loss -= std::log(z(i % 10, i)) / batch;
        z(i % 10, i) -= 1.0f;
    }
    z /= batch;
    return loss;
};

auto squares = [](auto &z, const auto &t) {
    z -= t;
    float loss = z.squaredNorm() / float(z.size());
    z *= 2.0f / float(z.size());
    return loss;
};

auto binary = [](auto &z, const auto &t) {
    float y = 1.0f / (1.0f + std::exp(-z(0))), p = std::min(std::max(y, 1e-7f), 1.0f - 1e-7f);
    z(0) = y - t(0);
    return -t(0) * std::log(p) - (1.0f - t(0)) * std::log(1.0f - p);
};

template <int I, int H, int O, class Hidden>
struct Net {
    Trained<I, H> first;
    Trained<H, O> second;
    float correction_1 = 0.0f, correction_2 = 0.0f; // 1 − βᵗ

    template <int B, class Loss>
    float step(const Matrix<I, B> &x, const Matrix<O, B> &t, Loss loss) {
        Matrix<H, B> h = Hidden::value(first.forward(x)), dh;
        Matrix<O, B> z = second.forward(h);
        float value = loss(z, t);
        dh.noalias() = second.w.transpose() * z;
        dh.array() *= Hidden::slope(h);
        second.gradient(h, z);
        first.gradient(x, dh);
        correction_1 += (1.0f - correction_1) * 0.1f;
        correction_2 += (1.0f - correction_2) * 0.001f;
        float rate = 1e-3f * std::sqrt(correction_2) / correction_1;
        first.adam(rate);
        second.adam(rate);
        return value;
    }
};

Run t1() {
    struct State {
        Weights<2, 2> first{{0.9f, -0.4f, 0.8f, 0.7f}, {0.1f, -0.1f}};
        Weights<2, 1> second{{-0.9f, 1.1f}, {0.1f}};
        Matrix<2, 4> x = matrix<2, 4>({0, 0, 0, 1, 1, 0, 1, 1});
        Matrix<1, 4> t{0.0f, 1.0f, 1.0f, 0.0f};
        float y;
    };
    return repeated(std::make_shared<State>(), 1, [](State &s) {
        Net<2, 2, 1, Relu> net{s.first, s.second};
        for (int epoch = 0; epoch < 1000; epoch++) {
            s.y = 0.0f;
            for (int i = 0; i < 4; i++) s.y += net.step<1>(s.x.col(i), s.t.col(i), binary) / 4.0f;
        }
    });
}

template <int I, int H, int O, int B, class Hidden, class Loss>
Run steps(Loss loss) {
    struct State {
        Net<I, H, O, Hidden> net{untrained<I, H>(1), untrained<H, O>(3)};
        Matrix<I, B> x = matrix<I, B>(numbers(7, I * B));
        Matrix<O, B> t = matrix<O, B>(numbers(8, O * B));
    };
    return training([] { return std::make_shared<State>(); },
                    [=](State &s) { return s.net.step(s.x, s.t, loss); });
}

// Functions.

template <class Function>
Run map(Function function) {
    struct State {
        Eigen::Array<float, 1024, 1> x = 8.0f * matrix<1024, 1>(numbers(7, 1024)).array(), y;
    };
    return repeated(std::make_shared<State>(), 1024, [=](State &s) { s.y = function(s.x); });
}

int main() {
    auto version = std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." +
                   std::to_string(EIGEN_MINOR_VERSION);
    return serve("Eigen " + version,
                 {{"M8", matmul<8>},
                  {"M16", matmul<16>},
                  {"M32", matmul<32>},
                  {"M64", matmul<64>},
                  {"M128", matmul<128>},
                  {"V64", v64},
                  {"I1", i1},
                  {"I2", i2},
                  {"I3", i3<1>},
                  {"I3b2", i3<2>},
                  {"I3b3", i3<3>},
                  {"I3B", i3<32>},
                  {"T1", t1},
                  {"T2", [] { return steps<64, 32, 10, 32, Relu>(classes); }},
                  {"T2b1", [] { return steps<64, 32, 10, 1, Relu>(classes); }},
                  {"T3", [] { return steps<784, 128, 10, 32, Relu>(classes); }},
                  {"T4", [] { return steps<16, 32, 4, 1, Tanh>(squares); }},
                  {"A1 exp", [] { return map([](auto &x) { return x.exp(); }); }},
                  {"A1 tanh", [] { return map([](auto &x) { return x.tanh(); }); }},
                  {"A1 sigmoid", [] { return map([](auto &x) { return x.logistic(); }); }}});
}
