.PHONY: dev
dev: build/dev/build.ninja
	ninja -C build/dev
build/dev/build.ninja:
	cmake --preset dev
