// libxsmm: products whose code it writes at run time, for columns; bias and activations by hand.

#include "peer.hpp"
#include <algorithm>
#include <libxsmm.h>

// c = a · b, or c += a · b, of rows × inner and inner × columns in rows, which is cᵀ = bᵀ · aᵀ in columns.
libxsmm_smmfunction product(int rows, int inner, int columns, float beta) {
    const float alpha = 1.0f;
    return libxsmm_smmdispatch(columns, rows, inner, nullptr, nullptr, nullptr, &alpha, &beta, nullptr, nullptr);
}

template <int N>
Run matmul() {
    struct State {
        alignas(64) float a[N * N], b[N * N], y[N * N];
    };
    auto state = std::make_shared<State>();
    std::copy_n(numbers(1, N * N).data(), N * N, state->a);
    std::copy_n(numbers(2, N * N).data(), N * N, state->b);
    auto multiply = product(N, N, N, 0.0f);
    return repeated(state, N * N, [=](State &s) { multiply(s.b, s.a, s.y); });
}

template <int I, int O>
struct Layer {
    alignas(64) float w[I * O], b[O];

    Layer(const Weights<I, O> &weights) {
        std::copy_n(weights.w.data(), I * O, w);
        std::copy_n(weights.b.data(), O, b);
    }

    void forward(libxsmm_smmfunction multiply, const float *x, float *z, int batch) const {
        for (int i = 0; i < batch; i++) std::copy_n(b, O, z + i * O);
        multiply(w, x, z);
    }
};

void softmax(float *z, int count) {
    float max = *std::max_element(z, z + count), sum = 0.0f;
    for (int i = 0; i < count; i++) sum += z[i] = std::exp(z[i] - max);
    for (int i = 0; i < count; i++) z[i] /= sum;
}

template <int B>
Run i3() {
    struct State {
        Layer<784, 128> first{trained<784, 128>(1)};
        Layer<128, 10> second{trained<128, 10>(3)};
        alignas(64) float x[B * 784], h[B * 128], y[B * 10];
    };
    auto state = std::make_shared<State>();
    std::copy_n(numbers(7, B * 784).data(), B * 784, state->x);
    auto first = product(B, 784, 128, 1.0f), second = product(B, 128, 10, 1.0f);
    return repeated(state, B * 10, [=](State &s) {
        s.first.forward(first, s.x, s.h, B);
        for (float &h : s.h) h = std::max(h, 0.0f);
        s.second.forward(second, s.h, s.y, B);
        for (int i = 0; i < B; i++) softmax(s.y + i * 10, 10);
    });
}

int main() {
#if !defined(__AVX512F__) && defined(__AVX2__)
    // A build for AVX2 stands for a machine that has no more.
    libxsmm_init();
    libxsmm_set_target_archid(LIBXSMM_X86_AVX2);
#endif
    return serve("libxsmm " LIBXSMM_VERSION, {{"M8", matmul<8>},
                                              {"M16", matmul<16>},
                                              {"M32", matmul<32>},
                                              {"M64", matmul<64>},
                                              {"M128", matmul<128>},
                                              {"I3b2", i3<2>},
                                              {"I3b3", i3<3>},
                                              {"I3B", i3<32>}});
}
